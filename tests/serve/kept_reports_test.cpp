#include "serve/kept_reports.h"

#include <doctest/doctest.h>

#include <stdexcept>

using valence::serve::KeptReports;
using namespace std::chrono_literals;

namespace {

// Reports of a number that goes up, each of which takes `cost`.
class Maker {
 public:
  std::string get(const std::string& key, std::chrono::milliseconds cost) {
    return reports_.get(key, [&] {
      now_ += cost;
      return std::to_string(++made_);
    });
  }
  void wait(std::chrono::milliseconds time) { now_ += time; }

  KeptReports& reports() { return reports_; }

 private:
  KeptReports::Clock::time_point now_;
  KeptReports reports_{[this] { return now_; }};
  int made_ = 0;
};

}  // namespace

TEST_CASE("a report is made anew when ten times its cost has passed") {
  Maker maker;
  CHECK(maker.get("a", 100ms) == "1");
  maker.wait(999ms);
  CHECK(maker.get("a", 100ms) == "1");
  CHECK(maker.get("b", 100ms) == "2");
  maker.wait(1ms);
  CHECK(maker.get("a", 100ms) == "3");
}

TEST_CASE("no report is older than a minute") {
  Maker maker;
  CHECK(maker.get("a", 30s) == "1");
  maker.wait(59'999ms);
  CHECK(maker.get("a", 30s) == "1");
  maker.wait(1ms);
  CHECK(maker.get("a", 30s) == "2");
}

TEST_CASE("what cannot be made is not kept") {
  Maker maker;
  CHECK_THROWS(maker.reports().get("a", []() -> std::string { throw std::runtime_error("no"); }));
  CHECK(maker.get("a", 100ms) == "1");
}
