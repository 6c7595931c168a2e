#include "base/thread_pool.h"

#include <doctest/doctest.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/processors.h"

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

TEST_CASE("the threads of a pinned pool keep to a processor each, the caller's is left alone") {
  const auto processors = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    return CPU_COUNT(&set);
  };
  const int before = processors();
  for (const bool pinned : {false, true}) {
    ThreadPool pool(3, pinned);
    std::promise<int> answer;
    pool.post([&] { answer.set_value(processors()); });
    CHECK(answer.get_future().get() == (pinned ? 1 : before));
    CHECK(processors() == before);
  }
}

TEST_CASE("a team runs at the same time, and sees at a barrier what all wrote before") {
  ThreadPool pool(3);
  for (int round = 0; round < 500; ++round) {
    std::vector<std::size_t> written(8);
    std::atomic<int> wrong = 0;
    std::atomic<std::size_t> members = 0;
    pool.run_together(3, [&](Team& team, std::size_t rank) {
      members = team.size();
      for (std::size_t turn = 1; turn <= 5; ++turn) {
        written[rank] = turn;
        team.barrier();
        for (std::size_t other = 0; other < team.size(); ++other)
          if (written[other] != turn) ++wrong;
        team.barrier();
      }
    });
    CHECK(wrong == 0);
    CHECK(members >= 1);
    CHECK(members <= 3);
  }
}

TEST_CASE("a team is of idle threads only, whatever else the pool does") {
  ThreadPool pool(4);
  std::vector<std::thread> callers;
  std::atomic<long> sum = 0;
  callers.reserve(3);
  for (int caller = 0; caller < 3; ++caller)
    callers.emplace_back([&] {
      for (int round = 0; round < 300; ++round) {
        pool.run_together(4, [&](Team& team, std::size_t rank) {
          team.barrier();
          if (rank == 0) ++sum;
          pool.for_each(3, [&](std::size_t) { ++sum; });
          team.barrier();
          if (rank == 0) sum -= 3 * static_cast<long>(team.size());
        });
      }
    });
  for (std::thread& caller : callers) caller.join();
  CHECK(sum == 3 * 300);
}

TEST_CASE("a member that fails ends its team with its exception, and the pool lives on") {
  ThreadPool pool(3);
  for (std::size_t failing = 0; failing < 2; ++failing)
    for (int round = 0; round < 50; ++round) {
      const auto body = [&](Team& team, std::size_t rank) {
        if (rank == std::min(failing, team.size() - 1)) throw std::runtime_error("left");
        team.barrier();
      };
      CHECK_THROWS_WITH_AS(pool.run_together(3, body), "left", std::runtime_error);
    }
  std::atomic<int> runs = 0;
  pool.for_each(10, [&](std::size_t) { ++runs; });
  CHECK(runs == 10);
}

TEST_CASE("tasks run in order on the pool's threads, beside loops and teams") {
  std::vector<int> order;
  std::atomic<int> left = 100;
  ThreadPool pool(2);  // one thread besides the caller
  for (int i = 0; i < 100; ++i)
    pool.post([&, i] {
      order.push_back(i);
      pool.run_together(2, [](Team& team, std::size_t) { team.barrier(); });
      if (--left == 0) left.notify_all();
    });
  std::atomic<int> runs = 0;
  for (int round = 0; round < 50; ++round) pool.for_each(5, [&](std::size_t) { ++runs; });
  for (int now = left; now != 0; now = left) left.wait(now);
  CHECK(runs == 250);
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(order.size() == 100);
}

TEST_CASE("tasks that have not begun when the pool ends are dropped") {
  const auto token = std::make_shared<int>();
  {
    ThreadPool pool(2);
    for (int i = 0; i < 1000; ++i) pool.post([token] {});
  }
  CHECK(token.use_count() == 1);
}

TEST_CASE("shares are equal to within one, in order, and leave nothing out") {
  for (const std::int64_t count : {0, 1, 7, 16, 100})
    for (std::size_t parts = 1; parts <= 9; ++parts) {
      std::int64_t next = 0;
      for (std::size_t part = 0; part < parts; ++part) {
        const Share share = share_of(count, part, parts);
        CHECK(share.begin == next);
        CHECK(share.size() >= count / static_cast<std::int64_t>(parts));
        CHECK(share.size() <= count / static_cast<std::int64_t>(parts) + 1);
        next = share.end;
      }
      CHECK(next == count);
    }
}

TEST_CASE("there is at least one processor") {
  CHECK(available_processors() >= 1);
}

}  // namespace
}  // namespace valence
