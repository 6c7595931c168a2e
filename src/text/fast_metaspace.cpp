// Metaspace words, as SentencePiece has them, behind normalizers that treat ASCII byte by byte.
//
// A plain word is a space and visible ASCII. Between two plain words no stage looks from one to the
// other: they are normalized byte by byte, and the second starts with its one space. Whatever lies
// between plain words is one part with its neighbours.
#include <string>

#include "text/fast_path.h"

namespace valence {
namespace {

bool is_visible(char c) {
  return c > ' ' && c < '\x7F';
}

// Whether the normalizer leaves alone what is next to a plain word, and treats ASCII byte by byte
// but for the bytes that it adds to `exceptions`.
bool is_local(const JsonRef& json, std::string& exceptions) {
  if (has_type(json, "Sequence")) {
    const JsonRef list = json.at("normalizers");
    for (std::size_t i = 0; i < list.size(); ++i)
      if (!is_local(list.at(i), exceptions)) return false;
    return true;
  }
  if (has_type(json, "Strip")) return !json.at("strip_left").boolean();
  if (has_type(json, "Replace")) {
    const JsonRef pattern = json.at("pattern");
    if (pattern.has("Regex")) return pattern.at("Regex").string() == " {2,}";
    if (!pattern.has("String") || pattern.at("String").string().empty()) return false;
    exceptions += pattern.at("String").string();
    return exceptions.find(' ') == std::string::npos;
  }
  for (const char* type :
       {"Precompiled", "NFC", "NFD", "NFKC", "NFKD", "StripAccents", "Lowercase"})
    if (has_type(json, type)) return true;
  return json.is_null();
}

// Metaspace that splits, alone or behind a split at white space.
bool is_metaspace(const JsonRef& json) {
  if (has_type(json, "Metaspace")) return json.boolean_or("split", true);
  if (!has_type(json, "Sequence")) return false;
  const JsonRef list = json.at("pretokenizers");
  return list.size() == 2 && has_type(list.at(std::size_t{0}), "WhitespaceSplit") &&
         has_type(list.at(std::size_t{1}), "Metaspace") &&
         list.at(std::size_t{1}).boolean_or("split", true);
}

std::string normalized(const Pipeline& pipeline, std::string_view text) {
  AlignedText aligned(text);
  pipeline.normalizer->apply(aligned);
  return aligned.text;
}

// What plain words are made of, and what normalization makes of it; zero for all other bytes.
AddedTokenSearch::ByteMap plain_bytes(const Pipeline& pipeline, const std::string& exceptions) {
  AddedTokenSearch::ByteMap map{};
  for (char c = ' ' + 1; is_visible(c); ++c) {
    const std::string result = normalized(pipeline, std::string(1, c));
    if (exceptions.find(c) == std::string::npos && result.size() == 1 && is_visible(result[0]))
      map[static_cast<unsigned char>(c)] = result[0];
  }
  if (normalized(pipeline, "a a").find(' ') == 1) map[' '] = ' ';
  return map;
}

class FastMetaspace final : public FastPath {
 public:
  FastMetaspace(const Pipeline& pipeline, const AddedTokenSearch::ByteMap& plain)
      : pipeline_(pipeline), plain_(plain), added_(pipeline.added, plain) {}

  bool tokenize(std::string_view text, Encoding& out) const override {
    if (added_.finds_any(text)) return false;
    std::size_t part = 0;
    bool after_plain = false;
    for (std::size_t pos = 0; pos < text.size();) {
      std::size_t end = end_of_plain_word(text, pos);
      const bool is_plain = end != pos;
      if (!is_plain) {
        // What is removed in front of everything shifts the offsets of all that follows.
        if (pos == 0 || !pipeline_.added.normalized().is_empty()) return false;
        end = std::min(text.find(' ', pos + 1), text.size());
      }
      if (is_plain && after_plain) {
        append(text, part, pos, out);
        part = pos;
      }
      after_plain = is_plain;
      pos = end;
    }
    if (part < text.size()) append(text, part, text.size(), out);
    return true;
  }

 private:
  // The end of the plain word that starts at `pos`, or `pos` where none does.
  std::size_t end_of_plain_word(std::string_view text, std::size_t pos) const {
    const std::size_t first = text[pos] == ' ' ? pos + 1 : pos;
    std::size_t end = first;
    while (end < text.size() && text[end] != ' ' && plain_[static_cast<unsigned char>(text[end])])
      ++end;
    const bool is_whole = end == text.size() || text[end] == ' ';
    return is_whole && end > first ? end : pos;
  }

  void append(std::string_view text, std::size_t begin, std::size_t end, Encoding& out) const {
    cache_.append(WordKey::of(text, begin, end), begin, out, [&] {
      pipeline_.tokenize(text, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end),
                         out);
    });
  }

  const Pipeline& pipeline_;
  AddedTokenSearch::ByteMap plain_;
  AddedTokenSearch added_;
  mutable WordCache cache_;
};

}  // namespace

std::unique_ptr<FastPath> make_fast_metaspace(const Pipeline& pipeline) {
  std::string exceptions;
  if (!is_local(pipeline.component("normalizer"), exceptions) ||
      !is_metaspace(pipeline.component("pre_tokenizer")) || !pipeline.post_processor.trims.empty())
    return nullptr;
  const auto plain = plain_bytes(pipeline, exceptions);
  if (plain[' '] == 0) return nullptr;
  return std::make_unique<FastMetaspace>(pipeline, plain);
}

}  // namespace valence
