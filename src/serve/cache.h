// Answers to texts that were asked before, letter by letter the same.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/steps.h"
#include "serve/metrics.h"

namespace valence::serve {

// What the network said of a text, before it becomes scores: good for every function and top_k.
struct CachedText {
  WindowPlan plan;
  std::size_t length = 0;
  std::vector<float> logits;
};

// Holds at most `most_bytes`; the entry that was not asked for longest goes first. Thread-safe.
class AnswerCache {
 public:
  // 0 bytes: nothing is kept, and nothing counted.
  AnswerCache(std::size_t most_bytes, Metrics& metrics);

  bool enabled() const { return most_bytes_ > 0; }
  std::optional<CachedText> find(const std::string& key);
  void insert(std::string key, CachedText text);

 private:
  struct Entry {
    std::string key;
    CachedText text;
    std::size_t bytes = 0;
  };
  void make_room(std::size_t bytes);

  const std::size_t most_bytes_;
  Counter &hits_, &misses_;
  std::mutex mutex_;          // guards what follows
  std::list<Entry> entries_;  // the one asked for last is the first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> places_;
  std::size_t bytes_ = 0;
};

}  // namespace valence::serve
