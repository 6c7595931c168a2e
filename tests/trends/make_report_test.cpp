#include "trends/make_report.h"

#include <doctest/doctest.h>

#include <memory>
#include <thread>
#include <vector>

#include "valence/error.h"

using namespace valence;

namespace {

// `count` rows of one day; one beyond them throws or ends.
class Days final : public RecordSource {
 public:
  Days(std::uint64_t count, bool broken) : count_(count), broken_(broken) {}

  bool next(Record& record) override {
    if (read_ == count_ && broken_) throw Error(ErrorCode::kIo, "the disk is gone");
    if (read_ == count_) return false;
    record = Record{};
    record.line = ++read_;
    record.utc = 1743415230;
    record.label = "POSITIVE";
    return true;
  }
  std::uint64_t consumed() const override { return 10 * read_; }
  std::uint64_t total() const override { return 10 * count_; }

 private:
  std::uint64_t count_, read_ = 0;
  bool broken_;
};

class DaysInput final : public ReportInput {
 public:
  explicit DaysInput(std::uint64_t count, bool broken = false) : count_(count), broken_(broken) {}

  std::unique_ptr<RecordSource> open(bool /*texts*/) const override {
    return std::make_unique<Days>(count_, broken_);
  }
  bool has_texts() const override { return false; }
  void describe(TrendReport& report) const override { report.source = "days"; }

 private:
  std::uint64_t count_;
  bool broken_;
};

ErrorCode code_of(const DaysInput& input) {
  try {
    make_report(input, {});
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

}  // namespace

TEST_CASE("progress is told on the thread that waits for the report, up to the last row") {
  constexpr std::uint64_t kRows = 10'000;
  const auto caller = std::this_thread::get_id();
  std::vector<std::uint64_t> told;
  ReportPlan plan;
  plan.progress = [&](std::uint64_t rows, std::uint64_t bytes, std::uint64_t total) {
    REQUIRE(std::this_thread::get_id() == caller);
    REQUIRE(total == 10 * kRows);
    REQUIRE(bytes == 10 * rows);
    told.push_back(rows);
  };
  const TrendReport report = make_report(DaysInput(kRows), plan);
  CHECK(report.groups.at(0).count == kRows);
  REQUIRE(told.size() > 2);
  CHECK(told.front() == 0);
  CHECK(told.back() == kRows);
}

TEST_CASE("rows that cannot be read, and no rows, are no report") {
  CHECK(code_of(DaysInput(0)) == ErrorCode::kInvalidArgument);
  CHECK(code_of(DaysInput(0, true)) == ErrorCode::kIo);
  CHECK(code_of(DaysInput(10'000, true)) == ErrorCode::kIo);
}
