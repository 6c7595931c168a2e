#include "text/fast_path.h"

#include "base/utf8.h"

namespace valence {
namespace {

constexpr auto kMakers = std::to_array<std::unique_ptr<FastPath> (*)(const Pipeline&)>({
    make_fast_bert,
    make_fast_byte_level,
    make_fast_metaspace,
});

}  // namespace

std::unique_ptr<FastPath> make_fast_path(const Pipeline& pipeline) {
  // Invalid bytes would match such a token.
  if (pipeline.added.has_code_point(kReplacement)) return nullptr;
  for (const auto make : kMakers)
    if (auto made = make(pipeline)) return made;
  return nullptr;
}

bool has_type(const JsonRef& json, std::string_view type) {
  return json.has("type") && json.at("type").string() == type;
}

AddedTokenSearch::AddedTokenSearch(const AddedTokens& tokens, const ByteMap& normalized)
    : tokens_(tokens), normalized_(normalized) {
  for (std::size_t i = 0; i < normalized.size(); ++i) {
    const auto folded = static_cast<unsigned char>(normalized[i]);
    if (tokens.plain().step(0, static_cast<unsigned char>(i)) != ByteTrie::kNone ||
        tokens.normalized().step(0, folded) != ByteTrie::kNone)
      first_bytes_.push_back(static_cast<char>(i));
  }
}

bool AddedTokenSearch::finds_any(std::string_view text) const {
  for (const char first : first_bytes_)
    for (std::size_t at = text.find(first); at != std::string_view::npos;
         at = text.find(first, at + 1))
      if (starts_at(text, at)) return true;
  return false;
}

bool AddedTokenSearch::starts_at(std::string_view text, std::size_t pos) const {
  const auto matches = [&](const ByteTrie& trie, auto byte_of) {
    std::int32_t node = 0;
    for (std::size_t i = pos; i < text.size(); ++i) {
      node = trie.step(node, byte_of(static_cast<unsigned char>(text[i])));
      if (node == ByteTrie::kNone) return false;
      if (trie.value(node) != ByteTrie::kNone) return true;
    }
    return false;
  };
  return matches(tokens_.plain(), [](unsigned char byte) { return byte; }) ||
         matches(tokens_.normalized(),
                 [&](unsigned char byte) { return static_cast<unsigned char>(normalized_[byte]); });
}

AddedTokenSearch::ByteMap AddedTokenSearch::unchanged() {
  ByteMap map{};
  for (std::size_t i = 0; i < map.size(); ++i) map[i] = static_cast<char>(i);
  return map;
}

}  // namespace valence
