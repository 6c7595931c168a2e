// Texts with the answers that people gave: what training and evaluation read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace valence {

// What a label in the data stands for, by its spelling there ("4 stars" -> "positive"). An empty
// answer drops the row. Where there are entries, every label must be one of them or one of the
// answers.
using LabelMap = std::map<std::string, std::string, std::less<>>;

// "1=negative,2=negative,3=": pairs separated by commas; a comma or equals sign that belongs to a
// label is written after a backslash. Throws Error(kInvalidArgument).
LabelMap parse_label_map(std::string_view text);

struct LabelledReadOptions {
  std::optional<std::string> text_column;  // none: "text", or the only column
  std::string label_column = "label";
  LabelMap label_map;
  bool several = false;   // a row may have any number of labels, none included: see split_labels
  std::string format;     // of row_formats; empty: what the file's name says
  std::string delimiter;  // of CSV; one character, empty: a comma
};

struct LabelledRow {
  std::string text;
  std::vector<std::string> labels;  // after the map; exactly one unless `several` was asked for
  std::uint64_t line = 0;           // of the file, counted from 1
};

struct LabelledRows {
  std::vector<LabelledRow> rows;
  std::size_t dropped = 0;    // by the map
  std::size_t unusable = 0;   // broken, without a text, without a label, or with one not in the map
  std::string first_problem;  // "line 7: the row has no label"
};

// Reads a whole file, gzip or not, into memory. Throws Error: kNotFound (no such file or column),
// kInvalidArgument (the name does not say the format), kIo, kCorrupt.
LabelledRows read_labelled_rows(const std::filesystem::path& path,
                                const LabelledReadOptions& options);

// A row's labels where it may have several: the strings of a JSON list, or parts separated by "|",
// ";" or ",", whichever of these stands in it first. No label at all is an empty list or "".
std::vector<std::string> split_labels(std::string_view cell);

}  // namespace valence
