#include "trends/records_ahead.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "valence/error.h"

using namespace valence;

namespace {

// Rows with their number as text, in memory that changes with every row; one beyond `count` throws
// or ends.
class Numbers final : public RecordSource {
 public:
  Numbers(std::uint64_t count, bool broken) : count_(count), broken_(broken) {}

  bool next(Record& record) override {
    if (read_ == count_ && broken_) throw Error(ErrorCode::kIo, "the disk is gone");
    if (read_ == count_) return false;
    text_ = std::string(read_ % 50, 'x') + std::to_string(read_);
    record = Record{};
    record.line = ++read_;
    record.text = text_;
    record.label = read_ % 2 == 0 ? "even" : "odd";
    if (read_ % 3 == 0) record.score = 0.5;
    return true;
  }
  std::uint64_t consumed() const override { return read_; }
  std::uint64_t total() const override { return count_; }

 private:
  std::uint64_t count_, read_ = 0;
  bool broken_;
  std::string text_;
};

RecordsAhead numbers(std::uint64_t count, bool broken = false) {
  return RecordsAhead(std::make_unique<Numbers>(count, broken));
}

// Reads `count` rows and looks at each.
void check_rows(RecordsAhead& ahead, std::uint64_t count) {
  Record record;
  for (std::uint64_t i = 0; i < count; ++i) {
    REQUIRE(ahead.next(record));
    REQUIRE(record.line == i + 1);
    REQUIRE(record.text == std::string(i % 50, 'x') + std::to_string(i));
    REQUIRE(record.label == (record.line % 2 == 0 ? "even" : "odd"));
    REQUIRE(record.score.has_value() == (record.line % 3 == 0));
    REQUIRE(record.group.empty());
  }
}

}  // namespace

TEST_CASE("records that are read ahead are the same, in the same order") {
  for (const std::uint64_t count : {0, 1, 1024, 20'000}) {
    RecordsAhead ahead = numbers(count);
    CHECK(ahead.total() == count);
    check_rows(ahead, count);
    Record record;
    CHECK_FALSE(ahead.next(record));
    CHECK_FALSE(ahead.next(record));
    CHECK(ahead.consumed() == count);
  }
}

TEST_CASE("what the source throws comes behind the records before it") {
  RecordsAhead ahead = numbers(3000, true);
  check_rows(ahead, 3000);
  Record record;
  CHECK_THROWS_AS(ahead.next(record), Error);
  CHECK_THROWS_AS(ahead.next(record), Error);
}

TEST_CASE("reading may stop anywhere") {
  for (const std::uint64_t used : {0, 1, 5000}) {
    RecordsAhead ahead = numbers(100'000);
    check_rows(ahead, used);
  }
}
