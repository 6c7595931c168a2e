// Texts from the command line as rows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "data/columns.h"
#include "data/row.h"

namespace valence::cli {

class TextsReader final : public RowReader {
 public:
  explicit TextsReader(std::vector<std::string> texts)
      : RowReader(memory_source({})), texts_(std::move(texts)) {}

  const std::vector<std::string>& columns() const override { return columns_; }

  bool next(Row& row) override {
    if (next_ == texts_.size()) return false;
    row = Row{};
    row.text = texts_[next_++];
    row.number = row.line = next_;
    row.values = {row.text};
    if (is_blank(row.text)) row.error = kNoText;
    return true;
  }

 private:
  std::vector<std::string> texts_;
  std::vector<std::string> columns_{"text"};
  std::size_t next_ = 0;
};

}  // namespace valence::cli
