// What labels are worth on the way from bad (-1) to good (1).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace valence {

using WorthMap = std::map<std::string, double, std::less<>>;

// "praise=1,complaint=-1,question=0". Throws Error(kInvalidArgument).
WorthMap parse_worths(std::string_view text);

// The worth of each of `names`. By `given` where it has entries: labels that it does not name, in
// any case, are worth 0. Else by their names: positive and negative (1, -1; 0.5, -0.5 beside very
// positive and very negative), neutral and mixed (0), 1 to 5 stars (-1, -0.5, 0, 0.5, 1). Empty
// where a name is none of these, or where several names are all worth the same.
std::vector<double> worths_of(std::span<const std::string> names, const WorthMap& given = {});

// The worths of the labels weighted by their probabilities: P(positive) - P(negative), where there
// are no others. `scores` and `worths` belong together.
double polarity_of(std::span<const double> scores, std::span<const double> worths);

}  // namespace valence
