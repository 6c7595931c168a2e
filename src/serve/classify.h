// From a parsed request to its answer: tokenize, look into the cache, compute, score.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "serve/api.h"

namespace valence::serve {

// The texts of a request on their way. One thread at a time.
class Classifying {
 public:
  Classifying(Api& api, ModelPtr model, ClassifyRequest request, Clock::time_point received);

  // Tokenizes; takes a while for long texts. With `strict` a text that cannot be answered fails the
  // request: throws RequestError.
  void prepare(bool strict);

  // Computes what the cache does not know, and calls `done`, from any thread. Throws
  // RequestError(kOverloaded) where there is no room, and then never calls it.
  void submit(bool bulk, std::function<void()> done);

  // After `done`: one answer an input. Throws RequestError: kTimeout, kInternal.
  std::vector<Classification> answers();

  const ClassifyRequest& request() const { return request_; }
  const Model& model() const { return *model_; }
  const Timings& timings() const { return timings_; }
  std::size_t characters() const;

 private:
  // Where an input's answer comes from: the cache, or a text of the job.
  struct Place {
    std::optional<CachedText> cached;
    std::size_t text = 0;
    std::string key;  // to put it into the cache; empty: it is not kept
  };

  PreparedText prepare_one(const Input& input) const;
  std::string cache_key(const Input& input) const;

  Api& api_;
  ClassifyRequest request_;
  Clock::time_point received_;
  ModelPtr model_;
  std::vector<Place> places_;
  JobPtr job_;
  Timings timings_;
};

// Handlers of routes that classify.
void handle_classify(Api& api, const CallPtr& call);

}  // namespace valence::serve
