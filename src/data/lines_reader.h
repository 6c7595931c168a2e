// Plain text: each line is a text.
#pragma once

#include <utility>

#include "data/row.h"

namespace valence {

// A blank line is a row without text, so that lines in and lines out have the same numbers.
class LinesReader final : public RowReader {
 public:
  LinesReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);

  const std::vector<std::string>& columns() const override { return columns_; }
  bool next(Row& row) override;

 private:
  std::vector<std::string> columns_{"text"};
  std::uint64_t rows_ = 0;
};

}  // namespace valence
