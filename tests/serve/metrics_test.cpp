#include "serve/metrics.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "serve/access_log.h"
#include "serve/auth.h"
#include "valence/error.h"

namespace valence::serve {
namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST_CASE("counters, gauges and histograms are printed as Prometheus reads them") {
  Metrics metrics;
  metrics.counter("c_total", "Help.", {{"route", "/a"}, {"code", "200"}}).add(2);
  metrics.counter("c_total", "Help.", {{"route", "say \"hi\"\\\n"}}).add();
  metrics.gauge("g", "Help.", [] { return 1.5; });
  constexpr std::array kBounds{0.5, 1.0};
  Histogram& histogram = metrics.histogram("h", "Help.", kBounds);
  for (const double value : {0.25, 0.5, 0.75, 4.0}) histogram.observe(value);
  const std::string text = metrics.text();
  CHECK(has_line(text, "# TYPE c_total counter"));
  CHECK(has_line(text, R"(c_total{route="/a",code="200"} 2)"));
  CHECK(has_line(text, R"(c_total{route="say \"hi\"\\\n"} 1)"));
  CHECK(has_line(text, "# TYPE g gauge"));
  CHECK(has_line(text, "g 1.5"));
  CHECK(has_line(text, R"(h_bucket{le="0.5"} 2)"));
  CHECK(has_line(text, R"(h_bucket{le="1"} 3)"));
  CHECK(has_line(text, R"(h_bucket{le="+Inf"} 4)"));
  CHECK(has_line(text, "h_sum 5.5"));
  CHECK(has_line(text, "h_count 4"));
}

TEST_CASE("keys are compared whole") {
  const Keys keys({"secret", "other"});
  CHECK(keys.has("secret"));
  CHECK(keys.has("other"));
  for (const char* wrong : {"", "secre", "secrets", "Secret", "secretother"})
    CHECK_FALSE(keys.has(wrong));
  CHECK_FALSE(Keys().has(""));
  CHECK(bearer_key("Bearer abc") == "abc");
  CHECK(bearer_key("bearer  abc ") == "abc");
  CHECK(bearer_key("Basic abc").empty());
  CHECK(bearer_key("Bearer").empty());
}

struct TemporaryFile {
  TemporaryFile() : path(std::filesystem::temp_directory_path() / "valence-serve-test.txt") {}
  ~TemporaryFile() { std::filesystem::remove(path); }
  std::filesystem::path path;
};

TEST_CASE("a file of keys has one a line") {
  const TemporaryFile file;
  std::ofstream(file.path) << "# ours\nfirst\n\n  second \r\n";
  CHECK(read_keys(file.path) == std::vector<std::string>{"first", "second"});
  std::ofstream(file.path) << "# none\n";
  CHECK_THROWS_AS(read_keys(file.path), Error);
  CHECK_THROWS_AS(read_keys("/nowhere/keys"), Error);
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("the log has a line a request, with texts only where it is given them") {
  const TemporaryFile file;
  std::filesystem::remove(file.path);
  Metrics metrics;
  {
    AccessLog log(file.path, metrics);
    AccessEntry entry;
    entry.request_id = "id-1";
    entry.route = "/predict";
    entry.status = 200;
    log.write(entry);
    entry.content = {"a \"text\""};
    log.write(entry);
  }
  const std::string text = content_of(file.path);
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK(text.find(R"("request_id":"id-1")") != std::string::npos);
  CHECK(text.find("content") == text.rfind("content"));
  CHECK(text.find(R"("content":["a \"text\""])") != std::string::npos);
}

TEST_CASE("a log that cannot be written drops lines, counts them, and goes on") {
  Metrics metrics;
  {
    AccessLog log("/dev/full", metrics);
    for (int i = 0; i < 10; ++i) log.write({});
  }
  CHECK(metrics.counter("valence_log_lines_dropped_total", "").value() == 10);
  CHECK_THROWS_AS(AccessLog("/nowhere/log", metrics), Error);
}

}  // namespace
}  // namespace valence::serve
