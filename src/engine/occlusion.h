// Which words moved a score: each is left out in turn, and what that changes is its share (Li,
// Monroe and Jurafsky 2016, "Understanding Neural Networks through Representation Erasure").
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer.h"

namespace valence {

// The words of a text, in order: runs of letters, digits and marks, with the apostrophes and
// hyphens between them; every ideograph; and runs of other visible characters ("!!!"). Invalid
// UTF-8 reads as U+FFFD, which is such a character.
std::vector<TextSpan> words_of(std::string_view text);

// A text without one of its parts, as far as one window shows it.
struct OccludedText {
  static constexpr std::size_t kNothing = static_cast<std::size_t>(-1);
  std::size_t part = kNothing;  // that is left out; kNothing: the window as it is
  std::size_t window = 0;
  std::string text;
};

struct OcclusionPlan {
  std::vector<TextSpan> parts;  // words, or neighbouring words together where there are many
  std::size_t words_in_a_part = 1;
  std::vector<OccludedText> texts;
};

// What has to be classified to know the share of every part. `windows` are the bytes of the text
// that each window shows, in order; parts that no window shows are left out. No more than `most`
// (at least 1) parts are made. A part in two windows is left out of each in turn.
OcclusionPlan plan_occlusion(std::string_view text, std::span<const TextSpan> windows,
                             std::size_t most);

// How much each part moved the score, in the units of the score: what the text has more with the
// part than without it. `scores` has one number for each of plan.texts, `weights` one for each
// window, the share that the window has in the text's score.
std::vector<double> part_changes(const OcclusionPlan& plan, std::span<const double> scores,
                                 std::span<const double> weights);

}  // namespace valence
