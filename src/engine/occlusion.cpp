#include "engine/occlusion.h"

#include <algorithm>
#include <numeric>

#include "base/utf8.h"
#include "text/unicode.h"

namespace valence {
namespace {

enum class Kind { kBlank, kWord, kJoiner, kIdeograph, kSign };

Kind kind_of(char32_t c) {
  if (unicode::is_whitespace(c) || unicode::is_other(c)) return Kind::kBlank;
  if (unicode::is_cjk_ideograph(c)) return Kind::kIdeograph;
  if (unicode::is_word(c) || unicode::is_mark(c)) return Kind::kWord;
  constexpr std::u32string_view kJoiners = U"'’-";
  return kJoiners.find(c) == std::u32string_view::npos ? Kind::kSign : Kind::kJoiner;
}

// The end of the run of characters of that kind that begins at `at`.
std::size_t end_of_run(std::string_view text, std::size_t at, Kind kind) {
  while (at < text.size()) {
    const CodePoint c = decode_utf8(text, at);
    if (kind_of(c.value) != kind) break;
    at += c.length;
  }
  return at;
}

std::size_t end_of_word(std::string_view text, std::size_t at) {
  while (true) {
    at = end_of_run(text, at, Kind::kWord);
    if (at == text.size()) return at;
    const CodePoint joiner = decode_utf8(text, at);
    const std::size_t next = at + joiner.length;
    if (kind_of(joiner.value) != Kind::kJoiner || next == text.size()) return at;
    if (kind_of(decode_utf8(text, next).value) != Kind::kWord) return at;
    at = next;
  }
}

TextSpan span_of(std::size_t begin, std::size_t end) {
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

bool is_blank(std::string_view text, std::size_t at) {
  return kind_of(decode_utf8(text, at).value) == Kind::kBlank;
}

// The text without a part of it. Where blanks stand on both sides, or a side is the end, one side's
// blanks go too.
std::string without(std::string_view text, TextSpan part) {
  std::string_view before = text.substr(0, part.begin);
  const std::string_view after = text.substr(part.end);
  if (after.empty() || is_blank(after, 0))
    while (!before.empty() && (before.back() == ' ' || before.back() == '\t'))
      before.remove_suffix(1);
  std::string left = std::string(before) + std::string(after);
  if (before.empty()) left.erase(0, end_of_run(left, 0, Kind::kBlank));
  return left;
}

std::vector<TextSpan> grouped(const std::vector<TextSpan>& words, std::size_t size) {
  std::vector<TextSpan> parts;
  parts.reserve(words.size() / size + 1);
  for (std::size_t i = 0; i < words.size(); i += size)
    parts.push_back({words[i].begin, words[std::min(i + size, words.size()) - 1].end});
  return parts;
}

}  // namespace

std::vector<TextSpan> words_of(std::string_view text) {
  std::vector<TextSpan> words;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode_utf8(text, at);
    std::size_t end = at + c.length;
    switch (kind_of(c.value)) {
      case Kind::kBlank:
        at = end;
        continue;
      case Kind::kWord:
        end = end_of_word(text, at);
        break;
      case Kind::kSign:
        end = end_of_run(text, at, Kind::kSign);
        break;
      case Kind::kIdeograph:
      case Kind::kJoiner:
        break;
    }
    words.push_back(span_of(at, end));  // NOLINT(performance-inefficient-vector-operation)
    at = end;
  }
  return words;
}

OcclusionPlan plan_occlusion(std::string_view text, std::span<const TextSpan> windows,
                             std::size_t most) {
  OcclusionPlan plan;
  std::vector<TextSpan> words = words_of(text);
  std::erase_if(words, [&](TextSpan word) {
    return std::none_of(windows.begin(), windows.end(), [&](TextSpan window) {
      return word.begin < window.end && window.begin < word.end;
    });
  });
  plan.words_in_a_part = std::max<std::size_t>(1, (words.size() + most - 1) / most);
  plan.parts = grouped(words, plan.words_in_a_part);
  plan.texts.reserve(windows.size() + 2 * plan.parts.size());
  for (std::size_t w = 0; w < windows.size(); ++w) {
    const TextSpan window = windows[w];
    const std::string_view shown = text.substr(window.begin, window.end - window.begin);
    plan.texts.push_back({OccludedText::kNothing, w, std::string(shown)});
    for (std::size_t p = 0; p < plan.parts.size(); ++p) {
      const std::uint32_t begin = std::max(plan.parts[p].begin, window.begin);
      const std::uint32_t end = std::min(plan.parts[p].end, window.end);
      if (begin >= end) continue;
      plan.texts.push_back({p, w, without(shown, {begin - window.begin, end - window.begin})});
    }
  }
  return plan;
}

std::vector<double> part_changes(const OcclusionPlan& plan, std::span<const double> scores,
                                 std::span<const double> weights) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<double> changes(plan.parts.size());
  double whole = 0;  // the score of the window as it is: it stands before those without a part
  for (std::size_t i = 0; i < plan.texts.size(); ++i) {
    const OccludedText& text = plan.texts[i];
    if (text.part == OccludedText::kNothing)
      whole = scores[i];
    else
      changes[text.part] += weights[text.window] / total * (whole - scores[i]);
  }
  return changes;
}

}  // namespace valence
