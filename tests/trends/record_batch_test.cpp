#include "trends/record_batch.h"

#include <doctest/doctest.h>

#include <string>

#include "data/ordered_pipeline.h"
#include "valence/error.h"

using namespace valence;

namespace {

// Rows with their number as text, in memory that changes with every row; one beyond `count` throws
// or ends.
class Numbers final : public RecordSource {
 public:
  explicit Numbers(std::uint64_t count, bool broken = false) : count_(count), broken_(broken) {}

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

void check_record(const Record& record, std::uint64_t number) {
  REQUIRE(record.line == number + 1);
  REQUIRE(record.text == std::string(number % 50, 'x') + std::to_string(number));
  REQUIRE(record.label == (record.line % 2 == 0 ? "even" : "odd"));
  REQUIRE(record.score.has_value() == (record.line % 3 == 0));
  REQUIRE(record.group.empty());
}

// What reads ahead, as reports do; returns how many records came, in their order.
std::uint64_t read_ahead(Numbers& numbers, std::uint64_t fail_at = ~std::uint64_t{0}) {
  std::uint64_t count = 0;
  OrderedPipeline<RecordBatch> pipeline(
      {.read = [&](RecordBatch& batch) { return batch.fill(numbers); },
       .work = [](RecordBatch&) {},
       .write =
           [&](RecordBatch& batch) {
             for (const Record& record : batch.records()) {
               if (count == fail_at) throw Error(ErrorCode::kInvalidArgument, "too many labels");
               check_record(record, count++);
             }
             REQUIRE(batch.consumed() == count);
           }},
      1);
  pipeline.run();
  return count;
}

ErrorCode code_of_reading(Numbers numbers, std::uint64_t fail_at) {
  try {
    read_ahead(numbers, fail_at);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

}  // namespace

TEST_CASE("records of batches are the same, in the same order") {
  for (const std::uint64_t count : {0, 1, 1023, 1024, 1025, 20'000}) {
    Numbers numbers(count);
    CHECK(read_ahead(numbers) == count);
  }
}

TEST_CASE("a batch may be filled again, and is empty behind the end") {
  Numbers numbers(1500);
  RecordBatch batch;
  CHECK(batch.fill(numbers));
  const std::size_t first = batch.records().size();
  CHECK(batch.fill(numbers));
  CHECK(first + batch.records().size() == 1500);
  check_record(batch.records().front(), first);
  CHECK_FALSE(batch.fill(numbers));
  CHECK(batch.records().empty());
  CHECK(batch.consumed() == 1500);
}

TEST_CASE("long records make small batches") {
  class Long final : public RecordSource {
   public:
    bool next(Record& record) override {
      record = Record{};
      record.text = text_;
      return true;
    }

   private:
    std::string text_ = std::string(100'000, 'x');
  };
  Long source;
  RecordBatch batch;
  CHECK(batch.fill(source));
  CHECK(batch.records().size() == 3);
  CHECK(batch.records().back().text.size() == 100'000);
}

TEST_CASE("what the source or the reader of its records throws ends the reading") {
  for (const std::uint64_t fail_at : {0, 1, 5000})
    CHECK(code_of_reading(Numbers(100'000), fail_at) == ErrorCode::kInvalidArgument);
  for (const std::uint64_t count : {0, 1, 3000})
    CHECK(code_of_reading(Numbers(count, true), 100'000) == ErrorCode::kIo);
}
