#include "text/vocabulary.h"

namespace valence {

Vocabulary::Vocabulary(std::span<const std::string> tokens) : tokens_(tokens) {
  ids_.reserve(tokens.size());
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    if (tokens[id].empty()) continue;
    ids_.insert_or_assign(tokens[id], static_cast<std::int32_t>(id));
    ++count_;
  }
}

std::optional<std::int32_t> Vocabulary::find(std::string_view token) const {
  const auto found = ids_.find(token);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::string_view Vocabulary::token(std::int32_t id) const {
  return tokens_[static_cast<std::size_t>(id)];
}

}  // namespace valence
