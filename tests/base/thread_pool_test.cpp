#include "base/thread_pool.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

namespace valence {
namespace {

TEST_CASE("every index is run exactly once") {
  for (const std::size_t threads : {1, 2, 5})
    for (const std::size_t count : {0, 1, 2, 7, 1000}) {
      ThreadPool pool(threads);
      CHECK(pool.threads() == threads);
      std::vector<std::atomic<int>> runs(count);
      pool.for_each(count, [&](std::size_t i) { ++runs[i]; });
      CHECK(std::all_of(runs.begin(), runs.end(), [](const auto& n) { return n == 1; }));
    }
}

TEST_CASE("a pool is used again and again") {
  ThreadPool pool(4);
  std::atomic<std::size_t> sum = 0;
  for (int round = 0; round < 2000; ++round) pool.for_each(5, [&](std::size_t i) { sum += i; });
  CHECK(sum == 2000 * 10);
}

TEST_CASE("a body may run a loop of its own") {
  ThreadPool pool(3);
  std::atomic<int> runs = 0;
  pool.for_each(8, [&](std::size_t) { pool.for_each(8, [&](std::size_t) { ++runs; }); });
  CHECK(runs == 64);
}

TEST_CASE("several threads may run loops at once") {
  ThreadPool pool(3);
  std::vector<long> sums(4);
  std::vector<std::thread> callers;
  callers.reserve(sums.size());
  for (long& sum : sums)
    callers.emplace_back([&pool, &sum] {
      for (int round = 0; round < 200; ++round) {
        std::vector<long> parts(50);
        pool.for_each(parts.size(), [&](std::size_t i) { parts[i] = static_cast<long>(i); });
        sum += std::accumulate(parts.begin(), parts.end(), 0L);
      }
    });
  for (std::thread& caller : callers) caller.join();
  for (const long sum : sums) CHECK(sum == 200 * 1225);
}

TEST_CASE("an exception of a body reaches the caller, and the pool lives on") {
  for (const std::size_t threads : {1, 4}) {
    ThreadPool pool(threads);
    std::atomic<int> runs = 0;
    const auto body = [&](std::size_t i) {
      if (i == 3) throw std::runtime_error("three");
      ++runs;
    };
    CHECK_THROWS_WITH_AS(pool.for_each(100000, body), "three", std::runtime_error);
    CHECK(runs < 100000);
    runs = 0;
    pool.for_each(10, [&](std::size_t) { ++runs; });
    CHECK(runs == 10);
  }
}

TEST_CASE("there is at least one processor") {
  CHECK(available_processors() >= 1);
}

}  // namespace
}  // namespace valence
