// A readable line a text: "POSITIVE  0.9987  a wonderful film".
#pragma once

#include <string_view>

#include "data/row_writer.h"

namespace valence {

// Control characters of the text, line breaks too, become spaces, so that a text is one line and a
// terminal shows it as it is.
class LinesWriter final : public RowWriter {
 public:
  explicit LinesWriter(WriteOptions options);
  void write(const LabeledRow& row, std::string& out) override;

 private:
  std::size_t append(std::string_view label, const std::string& score, const char* colour,
                     std::string& out) const;

  std::size_t label_width_;
};

// How many columns of a terminal a text takes.
std::size_t display_width(std::string_view text);

}  // namespace valence
