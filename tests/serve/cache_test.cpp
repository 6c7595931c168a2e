#include "serve/cache.h"

#include <doctest/doctest.h>

#include <thread>

namespace valence::serve {
namespace {

CachedText entry(float value) {
  return {{{{0, 1}}, false}, 3, {value}};
}

TEST_CASE("what was put in is found, letter by letter") {
  Metrics metrics;
  AnswerCache cache(1 << 20, metrics);
  CHECK_FALSE(cache.find("a"));
  cache.insert("a", entry(1));
  REQUIRE(cache.find("a"));
  CHECK(cache.find("a")->logits == std::vector<float>{1});
  CHECK(cache.find("a")->length == 3);
  CHECK_FALSE(cache.find("A"));
  CHECK(metrics.counter("valence_cache_hits_total", "").value() == 3);
  CHECK(metrics.counter("valence_cache_misses_total", "").value() == 2);
}

TEST_CASE("the entry that was not asked for longest makes room") {
  Metrics metrics;
  AnswerCache cache(3 * 300, metrics);  // three entries of a little less
  for (const char* key : {"a", "b", "c"}) cache.insert(key, entry(1));
  CHECK(cache.find("a"));
  cache.insert("d", entry(1));
  CHECK(cache.find("a"));
  CHECK_FALSE(cache.find("b"));
  CHECK(cache.find("c"));
  CHECK(cache.find("d"));
}

TEST_CASE("what is larger than the cache is not kept, and a cache of no bytes keeps nothing") {
  Metrics metrics;
  AnswerCache cache(1000, metrics);
  cache.insert(std::string(2000, 'x'), entry(1));
  CHECK_FALSE(cache.find(std::string(2000, 'x')));
  AnswerCache none(0, metrics);
  CHECK_FALSE(none.enabled());
  none.insert("a", entry(1));
  CHECK_FALSE(none.find("a"));
}

TEST_CASE("several threads may use it") {
  Metrics metrics;
  AnswerCache cache(20000, metrics);
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) {
        const int number = (i * 7 + t) % 100;
        const std::string key = std::to_string(number);
        if (const auto found = cache.find(key))
          wrong += found->logits[0] == static_cast<float>(number) ? 0 : 1;
        cache.insert(key, entry(static_cast<float>(number)));
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace valence::serve
