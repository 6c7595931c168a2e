#include "data/ordered_pipeline.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace valence {
namespace {

struct Chunk {
  int number = -1;
  int result = 0;
};
using Pipeline = OrderedPipeline<Chunk>;

void nap(int number) {
  std::this_thread::sleep_for(std::chrono::microseconds((number * 7919) % 300));
}

struct Run {
  int chunks = 200;
  int fail_read = -1, fail_work = -1, fail_write = -1;
  std::vector<int> written;
  std::atomic<int> alive = 0, most_alive = 0;
  std::string error;

  void go(std::size_t workers) {
    int next = 0;
    Pipeline pipeline({.read =
                           [&](Chunk& chunk) {
                             if (next == fail_read) throw std::runtime_error("read");
                             if (next == chunks) return false;
                             chunk.number = next++;
                             most_alive = std::max<int>(most_alive, ++alive);
                             return true;
                           },
                       .work =
                           [&](Chunk& chunk) {
                             nap(chunk.number);
                             if (chunk.number == fail_work) throw std::runtime_error("work");
                             chunk.result = chunk.number * 2;
                           },
                       .write =
                           [&](Chunk& chunk) {
                             if (chunk.number == fail_write) throw std::runtime_error("write");
                             CHECK(chunk.result == chunk.number * 2);
                             written.push_back(chunk.number);
                             --alive;
                           }},
                      workers);
    try {
      pipeline.run();
    } catch (const std::runtime_error& caught) {
      error = caught.what();
    }
  }

  bool wrote_all_before(int count) const {
    if (written.size() != static_cast<std::size_t>(count)) return false;
    for (int i = 0; i < count; ++i)
      if (written[static_cast<std::size_t>(i)] != i) return false;
    return true;
  }
};

TEST_CASE("all chunks come out in order, and few are alive at once") {
  for (const std::size_t workers : {1, 2, 5}) {
    Run run;
    run.go(workers);
    CHECK(run.error.empty());
    CHECK(run.wrote_all_before(200));
    CHECK(run.most_alive <= static_cast<int>(2 * workers + 2));  // one more is being written
  }
  Run none;
  none.chunks = 0;
  none.go(3);
  CHECK(none.written.empty());
}

TEST_CASE("what fails in any stage is thrown after all that went before is written") {
  for (const std::size_t workers : {1, 2, 5}) {
    for (const int at : {0, 1, 57, 199}) {
      CAPTURE(at);
      Run reading;
      reading.fail_read = at;
      reading.go(workers);
      CHECK(reading.error == "read");
      CHECK(reading.wrote_all_before(at));
      Run working;
      working.fail_work = at;
      working.go(workers);
      CHECK(working.error == "work");
      CHECK(working.wrote_all_before(at));
      Run writing;
      writing.fail_write = at;
      writing.go(workers);
      CHECK(writing.error == "write");
      CHECK(writing.wrote_all_before(at));
    }
  }
}

TEST_CASE("of several failures the first in order counts") {
  Run run;
  run.fail_work = 20;
  run.fail_read = 22;
  run.go(4);
  CHECK(run.error == "work");
  CHECK(run.wrote_all_before(20));
}

}  // namespace
}  // namespace valence
