// Precompiled: SentencePiece's normalisation map.
//
// The map is, base64-coded: the byte length of a double-array trie (u32), the trie (u32 each) and
// the replacements, each ended by a zero byte. A key's value is where its replacement starts.
//
// unit of the trie: bits 0-7 the label, bit 8: a value hangs below, bits 10-30 the offset to the
// children, times 256 where bit 9 is set; a unit with a value holds it in bits 0-30.
#include <bit>
#include <optional>

#include "base/base64.h"
#include "base/utf8.h"
#include "text/normalizer.h"
#include "text/unicode.h"
#include "valence/error.h"

namespace valence {
namespace {

class Charsmap {
 public:
  explicit Charsmap(const JsonRef& json) {
    const auto decoded = decode_base64(json.string());
    if (!decoded) json.fail("expected base64");
    const std::string& blob = *decoded;
    if (blob.size() < 4) json.fail("expected a charsmap of at least 4 bytes");
    const std::size_t units = read_u32(blob, 0) / 4;
    if (units == 0 || units > (blob.size() - 4) / 4)
      json.fail("expected a charsmap whose trie lies within it");
    for (std::size_t i = 0; i < units; ++i) trie_.push_back(read_u32(blob, 4 + 4 * i));
    replacements_ = blob.substr(4 + 4 * units);
    if (!is_valid_utf8(replacements_)) json.fail("expected replacements in UTF-8");
  }

  // The replacement of the shortest key that `text` starts with.
  std::optional<std::string_view> find(std::string_view text) const {
    std::size_t node = offset(trie_[0]);
    for (const char c : text) {
      const auto label = static_cast<unsigned char>(c);
      node ^= label;
      if (label == 0 || node >= trie_.size()) return std::nullopt;
      const std::uint32_t unit = trie_[node];
      if ((unit & (0x80000000U | 0xFF)) != label) return std::nullopt;
      node ^= offset(unit);
      if (((unit >> 8) & 1) == 0) continue;
      if (node >= trie_.size()) return std::nullopt;
      return replacement(trie_[node] & 0x7FFFFFFFU);
    }
    return std::nullopt;
  }

 private:
  static std::uint32_t read_u32(std::string_view blob, std::size_t pos) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;)
      value = (value << 8) | static_cast<unsigned char>(blob[pos + i]);
    return value;
  }
  static std::size_t offset(std::uint32_t unit) {
    return std::size_t{unit >> 10} << ((unit & (1U << 9)) >> 6);
  }
  // A value that points outside, or into a code point, replaces by nothing.
  std::string_view replacement(std::uint32_t begin) const {
    const std::string_view all = replacements_;
    if (begin >= all.size() || (static_cast<unsigned char>(all[begin]) >> 6) == 2) return {};
    return all.substr(begin, all.find('\0', begin) - begin);
  }

  std::vector<std::uint32_t> trie_;
  std::string replacements_;
};

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) >> 6) == 2 ? 0 : 1;
  return count;
}

class Precompiled final : public Normalizer {
 public:
  explicit Precompiled(const JsonRef& json) : map_(json.at("precompiled_charsmap")) {}

  // A short grapheme cluster is replaced as a whole by what the shortest key at its start says; a
  // longer one, or one with no key at its start, code point by code point.
  void apply(AlignedText& text) const override {
    std::vector<Change> changes;
    changes.reserve(text.text.size());
    bool modified = false;
    std::string_view rest = text.text;
    while (!rest.empty()) {
      const std::string_view cluster = rest.substr(0, unicode::cluster_length(rest));
      rest.remove_prefix(cluster.size());
      if (cluster.size() < kShortCluster && rewrite(cluster, changes)) {
        modified = true;
        continue;
      }
      for_each_code_point(cluster, [&](char32_t c, std::size_t begin, std::size_t end) {
        if (rewrite(cluster.substr(begin, end - begin), changes))
          modified = true;
        else
          changes.push_back({c, 0});
      });
    }
    if (modified) text.transform(changes);
  }

 private:
  static constexpr std::size_t kShortCluster = 6;  // bytes

  // The last changes carry the difference in length, even those of an earlier replacement where
  // this one is empty.
  bool rewrite(std::string_view part, std::vector<Change>& changes) const {
    const auto replacement = map_.find(part);
    if (!replacement) return false;
    for_each_code_point(*replacement, [&](char32_t c, std::size_t, std::size_t) {
      changes.push_back({c, 0});
    });
    const auto old_count = static_cast<std::int32_t>(count_code_points(part));
    const auto new_count = static_cast<std::int32_t>(count_code_points(*replacement));
    for (std::int32_t i = 0; i < new_count - old_count; ++i)
      changes[changes.size() - 1 - static_cast<std::size_t>(i)].change = 1;
    if (new_count < old_count && !changes.empty()) changes.back().change += new_count - old_count;
    return true;
  }

  Charsmap map_;
};

}  // namespace

std::unique_ptr<Normalizer> make_precompiled_normalizer(const JsonRef& json) {
  return std::make_unique<Precompiled>(json);
}

}  // namespace valence
