#include "text/added_tokens.h"

#include <algorithm>
#include <unordered_map>

#include "base/utf8.h"
#include "text/unicode.h"

namespace valence {
namespace {

// The code point that ends at byte `end`.
CodePoint last_before(std::string_view text, std::size_t end) {
  std::size_t begin = end - 1;
  while ((static_cast<unsigned char>(text[begin]) >> 6) == 2) --begin;
  return decode_utf8(text, begin);
}

bool is_single_word(std::string_view text, std::size_t begin, std::size_t end) {
  return (begin == 0 || !unicode::is_word(last_before(text, begin).value)) &&
         (end == text.size() || !unicode::is_word(decode_utf8(text, end).value));
}

std::size_t skip_space_left(std::string_view text, std::size_t begin) {
  while (begin > 0) {
    const CodePoint point = last_before(text, begin);
    if (!unicode::is_whitespace(point.value)) break;
    begin -= point.length;
  }
  return begin;
}

std::size_t skip_space_right(std::string_view text, std::size_t end) {
  while (end < text.size()) {
    const CodePoint point = decode_utf8(text, end);
    if (!unicode::is_whitespace(point.value)) break;
    end += point.length;
  }
  return end;
}

}  // namespace

AddedTokens::AddedTokens(const JsonRef& list, const Vocabulary& vocabulary,
                         const Normalizer& normalizer) {
  if (list.is_null()) return;
  if (!list.is_array()) list.fail("expected an array");
  std::unordered_map<std::string, std::int32_t> ids;
  auto next_id = static_cast<std::int32_t>(vocabulary.count());
  for (std::size_t i = 0; i < list.size(); ++i) {
    const JsonRef entry = list.at(i);
    Token token{entry.at("content").string(), entry.boolean_or("single_word", false),
                entry.boolean_or("lstrip", false), entry.boolean_or("rstrip", false),
                entry.boolean_or("normalized", true)};
    if (token.content.empty()) continue;
    const auto known = ids.find(token.content);
    const auto in_vocabulary = vocabulary.find(token.content);
    const std::int32_t id = known != ids.end() ? known->second
                            : in_vocabulary    ? *in_vocabulary
                                               : next_id++;
    ids[token.content] = id;
    tokens_.insert_or_assign(id, std::move(token));
  }
  for (const auto& [id, token] : tokens_) {
    AlignedText content(token.content);
    if (token.normalized) normalizer.apply(content);
    if (!content.text.empty()) (token.normalized ? normalized_ : plain_).insert(content.text, id);
  }
}

SplitText AddedTokens::extract(AlignedText text, const Normalizer& normalizer) const {
  SplitText found_plain;
  if (tokens_.empty()) {
    normalizer.apply(text);
    found_plain.add(text, 0, text.text.size());
    return found_plain;
  }
  for (const Found& found : find_all(plain_, text.text))
    found_plain.add(text, found.begin, found.end, found.id);
  found_plain.rewrite([&](AlignedText split, SplitText& out) {
    normalizer.apply(split);
    for (const Found& found : find_all(normalized_, split.text))
      out.add(split, found.begin, found.end, found.id);
  });
  return found_plain;
}

const std::string* AddedTokens::find(std::int32_t id) const {
  const auto found = tokens_.find(id);
  return found == tokens_.end() ? nullptr : &found->second.content;
}

std::int32_t AddedTokens::end_id() const {
  return tokens_.empty() ? 0 : tokens_.rbegin()->first + 1;
}

bool AddedTokens::has_code_point(char32_t c) const {
  std::string wanted;
  append_utf8(wanted, c);
  return std::any_of(tokens_.begin(), tokens_.end(), [&](const auto& entry) {
    return entry.second.content.find(wanted) != std::string::npos;
  });
}

AddedTokens::Found AddedTokens::longest_at(const ByteTrie& trie, std::string_view text,
                                           std::size_t begin) {
  Found best{begin, begin, ByteTrie::kNone};
  std::int32_t node = 0;
  for (std::size_t pos = begin; pos < text.size();) {
    node = trie.step(node, static_cast<unsigned char>(text[pos++]));
    if (node == ByteTrie::kNone) break;
    if (trie.value(node) != ByteTrie::kNone) best = {begin, pos, trie.value(node)};
  }
  return best;
}

// A match is used up even where single_word then discards it; the space that strip_right takes is
// not, so a token that starts with space may follow in it.
std::vector<AddedTokens::Found> AddedTokens::find_all(const ByteTrie& trie,
                                                      std::string_view text) const {
  std::vector<Found> out;
  std::size_t rest = 0;
  for (std::size_t pos = 0; pos < text.size();) {
    Found found = longest_at(trie, text, pos);
    if (found.id == ByteTrie::kNone) {
      ++pos;
      continue;
    }
    pos = found.end;
    const Token& token = tokens_.at(found.id);
    if (token.single_word && !is_single_word(text, found.begin, found.end)) continue;
    if (token.strip_left) found.begin = std::max(skip_space_left(text, found.begin), rest);
    if (token.strip_right) found.end = skip_space_right(text, found.end);
    if (rest < found.begin) out.push_back({rest, found.begin, -1});
    out.push_back(found);
    rest = found.end;
  }
  if (rest != text.size()) out.push_back({rest, text.size(), -1});
  return out;
}

}  // namespace valence
