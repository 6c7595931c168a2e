#include "serve/cache.h"

#include <utility>

namespace valence::serve {
namespace {

// What a node of the list, a node of the map and their neighbours take, about.
constexpr std::size_t kOverhead = 256;

std::size_t bytes_of(const std::string& key, const CachedText& text) {
  return kOverhead + key.size() + text.logits.size() * sizeof(float) +
         text.plan.windows.size() * sizeof(Window);
}

}  // namespace

AnswerCache::AnswerCache(std::size_t most_bytes, Metrics& metrics)
    : most_bytes_(most_bytes),
      hits_(metrics.counter("valence_cache_hits_total", "Texts whose answer was in the cache.")),
      misses_(metrics.counter("valence_cache_misses_total",
                              "Texts whose answer was not in the cache.")) {
  metrics.gauge("valence_cache_bytes", "Memory of the cache of answers.", [this] {
    const std::lock_guard lock(mutex_);
    return static_cast<double>(bytes_);
  });
}

std::optional<CachedText> AnswerCache::find(const std::string& key) {
  if (!enabled()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(key);
  if (place == places_.end()) {
    misses_.add();
    return std::nullopt;
  }
  hits_.add();
  entries_.splice(entries_.begin(), entries_, place->second);
  return place->second->text;
}

void AnswerCache::insert(std::string key, CachedText text) {
  const std::size_t bytes = bytes_of(key, text);
  if (bytes > most_bytes_) return;
  const std::lock_guard lock(mutex_);
  if (places_.contains(key)) return;
  make_room(bytes);
  entries_.push_front({std::move(key), std::move(text), bytes});
  places_.emplace(entries_.front().key, entries_.begin());
  bytes_ += bytes;
}

void AnswerCache::make_room(std::size_t bytes) {
  while (!entries_.empty() && bytes_ + bytes > most_bytes_) {
    bytes_ -= entries_.back().bytes;
    places_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

}  // namespace valence::serve
