// Columns by name.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/row.h"

namespace valence {

// The number of single-letter changes between two names, letters compared without case.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The place of the column `name` among `columns` (not empty); `flag` is the option that names it.
// Throws Error: kNotFound with the nearest name and the list of columns, kInvalidArgument where the
// name occurs twice.
std::size_t find_column(std::span<const std::string> columns, const std::string& name,
                        const std::string& origin, const std::string& flag);

// The place of the text column among `columns` (not empty). Throws Error: kNotFound with the
// nearest name and the list of columns, kInvalidArgument where the name occurs twice.
std::size_t find_text_column(std::span<const std::string> columns, const ReadOptions& options);

// Throws Error(kInvalidArgument) where a column of the input has the name of one to be added.
void check_added_columns(std::span<const std::string> columns, const ReadOptions& options);

// Has `text` anything but white space?
bool is_blank(std::string_view text);

inline constexpr const char* kNoText = "the row has no text";

}  // namespace valence
