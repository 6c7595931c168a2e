// The seam for those who look at answers: stores of results, statistics.
#pragma once

#include <span>
#include <string_view>

#include "serve/protocol/protocol.h"

namespace valence::serve {

struct AnswerEvent {
  std::string_view request_id;
  std::string_view route;
  std::string_view model;
  std::size_t labels = 0;         // that the model has
  std::span<const Input> inputs;  // one an answer
  std::span<const Classification> answers;
};

class AnswerObserver {
 public:
  AnswerObserver() = default;
  virtual ~AnswerObserver() = default;
  AnswerObserver(const AnswerObserver&) = delete;
  AnswerObserver& operator=(const AnswerObserver&) = delete;

  // Called from several threads, before the answer is sent; must be quick and must not throw. What
  // the event points to is gone afterwards.
  virtual void answered(const AnswerEvent& event) = 0;
};

}  // namespace valence::serve
