#include "data/polarity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "data/labelled_rows.h"
#include "data/labels.h"
#include "valence/error.h"

namespace valence {
namespace {

struct KnownLabel {
  std::string_view name;
  double worth;
};

constexpr auto kKnown = std::to_array<KnownLabel>({{"very negative", -1},
                                                   {"negative", -1},
                                                   {"neg", -1},
                                                   {"neutral", 0},
                                                   {"neu", 0},
                                                   {"mixed", 0},
                                                   {"positive", 1},
                                                   {"pos", 1},
                                                   {"very positive", 1}});
constexpr int kMostStars = 5;

// In lower case, words separated by single spaces.
std::string plain_name(std::string_view label) {
  std::string name;
  for (const char c : folded_label(label)) {
    const bool space = c == ' ' || c == '_' || c == '-';
    if (!space) name += c;
    if (space && !name.empty() && name.back() != ' ') name += ' ';
  }
  if (name.ends_with(' ')) name.pop_back();
  return name;
}

std::optional<double> worth_of_stars(std::string_view name) {
  for (const std::string_view end : {" stars", " star"})
    if (name.ends_with(end)) name.remove_suffix(end.size());
  const std::optional<double> stars = number_of_label(name);
  if (!stars || *stars < 1 || *stars > kMostStars || *stars != std::floor(*stars)) return {};
  return (*stars - 3) / 2;
}

std::optional<double> worth_by_name(const std::string& name, bool graded) {
  const auto known = std::find_if(kKnown.begin(), kKnown.end(),
                                  [&](const KnownLabel& entry) { return entry.name == name; });
  if (known == kKnown.end()) return worth_of_stars(name);
  return graded && !name.starts_with("very ") ? known->worth / 2 : known->worth;
}

double given_worth(const WorthMap& given, const std::string& name) {
  const auto found = std::find_if(given.begin(), given.end(), [&](const auto& entry) {
    return folded_label(entry.first) == folded_label(name);
  });
  return found == given.end() ? 0 : found->second;
}

}  // namespace

WorthMap parse_worths(std::string_view text) {
  WorthMap worths;
  for (const auto& [label, worth] : parse_label_map(text)) {
    const std::optional<double> value = number_of_label(worth);
    if (!value || std::abs(*value) > 1)
      throw Error(ErrorCode::kInvalidArgument, "the worth of the label \"" + label +
                                                   "\" is a number from -1 to 1, not \"" + worth +
                                                   "\"");
    worths.emplace(label, *value);
  }
  return worths;
}

std::vector<double> worths_of(std::span<const std::string> names, const WorthMap& given) {
  std::vector<std::string> plain;
  plain.reserve(names.size());
  for (const std::string& name : names) plain.push_back(plain_name(name));
  const bool graded = std::any_of(plain.begin(), plain.end(), [](const std::string& name) {
    return name.starts_with("very ");
  });
  std::vector<double> worths;
  worths.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::optional<double> worth = given.empty() ? worth_by_name(plain[i], graded)
                                                      : std::optional(given_worth(given, names[i]));
    if (!worth) return {};
    worths.push_back(*worth);
  }
  const bool told_apart =
      std::adjacent_find(worths.begin(), worths.end(), std::not_equal_to<>()) != worths.end();
  return told_apart || !given.empty() || worths.size() == 1 ? worths : std::vector<double>();
}

double polarity_of(std::span<const double> scores, std::span<const double> worths) {
  return std::inner_product(scores.begin(), scores.end(), worths.begin(), 0.0);
}

}  // namespace valence
