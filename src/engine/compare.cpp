#include "engine/compare.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace valence {
namespace {

constexpr auto kSamples = std::to_array<std::string_view>({
    "I love this, it works better than I had hoped.",
    "The worst purchase of the year. It broke on the second day and nobody answers.",
    "The parcel arrived on Tuesday.",
    "Not bad at all, although the manual could be clearer.",
    "ok",
    "",
    "Great, another update that deletes my settings. Just what I needed.",
    "THIS IS UNACCEPTABLE!!! I want my money back NOW",
    "Can I change the delivery address after ordering?",
    "Support solved it within ten minutes, thank you so much \xF0\x9F\x98\x8A",
    "The screen is beautiful, but the battery is a disappointment.",
    "Version 2.4.1 uses 512 MB of memory and port 8080.",
    "C'est magnifique, je le recommande \xC3\xA0 tout le monde.",
    "Leider funktioniert die App seit gestern nicht mehr.",
    "No me ha gustado nada: tarde, caro y roto.",
    "\xE9\x9D\x9E\xE5\xB8\xB8\xE5\xA5\xBD\xE7\x94\xA8\xEF\xBC\x8C\xE4\xB8\x8B\xE6\xAC\xA1"
    "\xE8\xBF\x98\xE4\xBC\x9A\xE4\xB9\xB0\xE3\x80\x82",
    "\xF0\x9F\x98\xA1\xF0\x9F\x98\xA1\xF0\x9F\x98\xA1",
    "meh",
    "I would not say that it is good, nor that it is useless; it does what it says, slowly, and "
    "with a noise that my neighbours have learned to recognise.",
    "The invoice lists the same item twice, the total is wrong, and the link to the help page "
    "leads to an empty page. I have written three times since the beginning of the month and got "
    "the same automatic answer each time. Please have a person look at it.",
    "Five stars. Fast, quiet, cheap.",
    "It is a phone. It makes calls.",
    "I was sceptical at first, then annoyed, and in the end delighted.",
    "never again",
    "Where is the download for the 64-bit version?",
    "The new release fixed every problem I reported. Impressive work.",
    "They promised a refund in 5 days; that was 5 weeks ago :(",
    "a b c d e f g h i j k l m n o p q r s t u v w x y z",
    "http://example.com/?q=1&lang=en #happy @support",
    "Na\xC3\xAFve caf\xC3\xA9 owners co\xC3\xB6perate.",
    "It does not get better than this!",
    "It does not get better, whatever they change.",
});

// Logits by label id.
std::vector<float> by_id(const Classification& answer) {
  std::vector<float> logits(answer.scores.size());
  for (const LabelScore& entry : answer.scores) logits.at(entry.id) = entry.score;
  return logits;
}

}  // namespace

Comparison compare_models(const Classifier& first, const Classifier& second,
                          std::span<const std::string_view> texts) {
  if (first.info().labels != second.info().labels)
    throw Error(ErrorCode::kInvalidArgument,
                first.info().path + " and " + second.info().path + " do not have the same labels");
  ClassifyOptions options;
  options.long_text = LongText::kTruncate;
  options.function = ScoreFunction::kNone;
  const std::vector<Classification> ours = first.classify(texts, options);
  const std::vector<Classification> theirs = second.classify(texts, options);
  Comparison result;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (ours[i].scores.empty() || theirs[i].scores.empty()) continue;
    ++result.texts;
    const std::vector<float> a = by_id(ours[i]);
    const std::vector<float> b = by_id(theirs[i]);
    for (std::size_t c = 0; c < a.size(); ++c)
      result.largest_logit_difference =
          std::max(result.largest_logit_difference, std::abs(static_cast<double>(a[c]) - b[c]));
    if (ours[i].scores[0].id == theirs[i].scores[0].id) ++result.same_label;
  }
  return result;
}

std::span<const std::string_view> sample_texts() {
  return kSamples;
}

}  // namespace valence
