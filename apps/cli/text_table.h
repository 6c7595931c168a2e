// Aligned columns of plain text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace valence::cli {

// The first column is aligned left, the others right; two spaces between columns.
class TextTable {
 public:
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// How many columns of a terminal a text takes that may have colours.
std::size_t width_without_colours(const std::string& text);

// printf's "%.*f"; "-" for what is not a number.
std::string fixed(double value, int digits);

}  // namespace valence::cli
