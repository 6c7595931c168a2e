// JSON Lines: one object a line.
#pragma once

#include <deque>
#include <vector>

#include "data/json_object.h"
#include "data/row.h"

namespace valence {

// Invalid UTF-8 reads as U+FFFD. Blank lines are passed over. A line that is not an object, has a
// member twice or one of `added`, or whose text is no string comes as a row with an error.
class JsonlReader final : public RowReader {
 public:
  JsonlReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);

  const std::vector<std::string>& columns() const override { return columns_; }
  bool next(Row& row) override;

 private:
  using Members = std::vector<JsonMember>;

  std::optional<Line> read_line();
  void look_ahead();
  void learn(const Members& members);
  void take(Row& row, const std::string& object) const;
  std::string text_of(const Members& members, std::string& error) const;
  void take_values(Row& row, const Members& members) const;

  ReadOptions options_;
  std::string text_name_;
  std::vector<std::string> columns_;
  std::deque<Line> ahead_;  // read before the first object was found
  std::uint64_t rows_ = 0;
  std::uint64_t line_ = 0;
};

}  // namespace valence
