#include "trends/explain.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "base/utf8.h"
#include "trends/log_odds.h"
#include "trends/words.h"

namespace valence {
namespace {

constexpr std::size_t kTextBytes = 4096;    // of a text that words are counted in
constexpr std::size_t kSampleBytes = 2000;  // of a text that may be shown
constexpr std::size_t kShownBytes = 500;
constexpr std::size_t kSamples = 200;
constexpr std::size_t kWordsShown = 12, kTextsShown = 3;
constexpr std::uint64_t kLeastCount = 3;
constexpr double kLeastZ = 1.96;

bool is_phrase(std::string_view term) {
  return term.find(' ') != std::string_view::npos;
}

// How telling a flagged period is: by its strongest test or signal.
double strength_of(const TrendReport& report, const FlaggedPeriod& flagged) {
  double strength = 0;
  for (const LabelShare& share : report.groups[flagged.group].cells[flagged.period].labels)
    if (share.change && share.change->z) strength = std::max(strength, std::abs(*share.change->z));
  for (const ReportDrift& drift : report.drift)
    if (drift.group == flagged.group && drift.period == flagged.period)
      strength = std::max(strength, drift.statistic);
  return strength;
}

}  // namespace

Explanation::Explanation(TrendReport& report, const TimeReader& times)
    : report_(report), times_(times) {
  for (std::size_t g = 1; g < report_.groups.size(); ++g)
    if (report_.groups[g].kind == ReportGroup::Kind::kOther)
      other_group_ = g;
    else
      groups_[report_.groups[g].name] = g;
  for (std::size_t l = 0; l < report_.labels.size(); ++l) labels_[report_.labels[l].name] = l;
  for (std::size_t p = 0; p < report_.periods.size(); ++p) periods_[report_.periods[p].period] = p;
  choose();
  number_bodies();
}

void Explanation::choose() {
  chosen_.resize(report_.flagged.size());
  std::iota(chosen_.begin(), chosen_.end(), std::size_t{0});
  if (chosen_.size() <= kMostExplained) return;
  std::vector<double> strength;
  strength.reserve(report_.flagged.size());
  for (const FlaggedPeriod& flagged : report_.flagged)
    strength.push_back(strength_of(report_, flagged));
  std::stable_sort(chosen_.begin(), chosen_.end(),
                   [&](std::size_t a, std::size_t b) { return strength[a] > strength[b]; });
  chosen_.resize(kMostExplained);
  report_.notes.push_back("Words were looked for in the " + std::to_string(kMostExplained) +
                          " periods that are flagged most clearly, of " +
                          std::to_string(report_.flagged.size()) + ".");
}

// Bodies of one group and label have numbers that follow each other, so that the periods before are
// a range.
void Explanation::number_bodies() {
  std::set<BodyKey> sampled;
  for (const std::size_t i : chosen_) {
    const FlaggedPeriod& flagged = report_.flagged[i];
    sampled.emplace(flagged.group, flagged.label, flagged.period);
    for (std::size_t p = flagged.before_first; p <= flagged.before_last; ++p)
      numbers_[{flagged.group, flagged.label, p}] = 0;
  }
  for (const BodyKey& key : sampled) numbers_[key] = 0;
  for (auto& [key, number] : numbers_) {
    number = static_cast<std::uint32_t>(bodies_.size());
    bodies_.emplace_back().sampled = sampled.contains(key);
  }
}

void Explanation::add(const Record& record) {
  if (!record.error.empty() || record.text.empty()) return;
  const auto label = labels_.find(std::string(record.label));
  if (label == labels_.end()) return;
  const std::optional<std::int64_t> time = times_.local_seconds(record);
  if (!time) return;
  const Day day = day_of_seconds(*time);
  const TrendReport::Options& options = report_.options;
  if ((options.from && day < *options.from) || (options.to && day > *options.to)) return;
  const auto period = periods_.find(period_of(day, options.period));
  if (period == periods_.end()) return;
  here_.clear();
  find_body(0, label->second, period->second);
  if (!options.group_column.empty()) {
    const auto group =
        groups_.find(record.group.empty() ? kNoGroupValue : std::string(record.group));
    const std::size_t place = group == groups_.end() ? other_group_ : group->second;
    if (place != 0) find_body(place, label->second, period->second);
  }
  if (!here_.empty()) add_to_bodies(record, *time);
}

void Explanation::find_body(std::size_t group, std::size_t label, std::size_t period) {
  const auto body = numbers_.find({group, label, period});
  if (body != numbers_.end()) here_.push_back(body->second);
}

void Explanation::add_to_bodies(const Record& record, std::int64_t time) {
  words_.clear();
  split_words(record.text.substr(0, kTextBytes), words_);
  std::uint64_t words = 0, phrases = 0;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (words_[i].empty()) continue;
    counts_.add(words_[i], here_);
    ++words;
    if (i + 1 == words_.size() || words_[i + 1].empty()) continue;
    counts_.add(phrase_of(words_[i], words_[i + 1], phrase_), here_);
    ++phrases;
  }
  for (const std::uint32_t number : here_) {
    Body& body = bodies_[number];
    ++body.texts;
    body.words += words;
    body.phrases += phrases;
    if (body.sampled) sample(body, record, time);
  }
}

// Vitter's algorithm R.
void Explanation::sample(Body& body, const Record& record, std::int64_t time) {
  std::size_t place = body.samples.size();
  if (place == kSamples) {
    place = random_() % body.texts;
    if (place >= kSamples) return;
  } else {
    body.samples.emplace_back();
  }
  const std::string_view kept = cut_text(record.text, kSampleBytes);
  // Whatever the time was written with is told: the day alone where no more was.
  const bool midnight = time % 86400 == 0;
  body.samples[place] = {replace_invalid_utf8(kept), kept.size() < record.text.size(),
                         midnight ? date_of(day_of_seconds(time)) : date_and_time_of(time),
                         record.line};
}

void Explanation::finish() {
  counts_.keep_at_least(kLeastCount);
  const TermsByBody terms(counts_, bodies_.size());
  for (const std::size_t i : chosen_) explain(report_.flagged[i], terms);
  if (counts_.forgot())
    report_.notes.emplace_back(
        "There were more different words than are kept: rare ones were forgotten on the way.");
}

void Explanation::explain(FlaggedPeriod& flagged, const TermsByBody& terms) {
  const std::uint32_t now = numbers_.at({flagged.group, flagged.label, flagged.period});
  const std::uint32_t first = numbers_.at({flagged.group, flagged.label, flagged.before_first});
  const std::uint32_t last = numbers_.at({flagged.group, flagged.label, flagged.before_last});
  const Body& body = bodies_[now];
  std::uint64_t words_before = 0, phrases_before = 0;
  for (std::uint32_t i = first; i <= last; ++i) {
    words_before += bodies_[i].words;
    phrases_before += bodies_[i].phrases;
  }
  std::vector<std::uint64_t> counts(terms.size()), counts_before(terms.size());
  terms.add(now, now, counts);
  terms.add(first, last, counts_before);
  flagged.has_texts = true;
  std::unordered_map<std::string, double> weights;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    ReportWord word;
    word.count = counts[i];
    word.count_before = counts_before[i];
    if (word.count + word.count_before == 0) continue;
    const bool phrase = is_phrase(terms.term(i));
    const LogOdds odds = log_odds(word.count, phrase ? body.phrases : body.words, word.count_before,
                                  phrase ? phrases_before : words_before);
    word.z = odds.z;
    word.log_odds = odds.value;
    const bool rose = word.z >= kLeastZ && word.count >= kLeastCount;
    const bool fell = word.z <= -kLeastZ && word.count_before >= kLeastCount;
    if (!rose && !fell) continue;
    word.term = terms.term(i);
    if (rose) weights[word.term] = word.z;
    (rose ? flagged.now : flagged.before).push_back(std::move(word));
  }
  for (auto* words : {&flagged.now, &flagged.before}) {
    std::sort(words->begin(), words->end(), [](const ReportWord& a, const ReportWord& b) {
      const double za = std::abs(a.z), zb = std::abs(b.z);
      return za != zb ? za > zb : a.term < b.term;
    });
    if (words->size() > kWordsShown) words->resize(kWordsShown);
  }
  find_typical(flagged, body, weights);
}

void Explanation::find_typical(FlaggedPeriod& flagged, const Body& body,
                               const std::unordered_map<std::string, double>& weights) {
  std::vector<TypicalText> texts;
  std::set<std::string_view> seen;
  std::string phrase;
  for (const Sample& sample : body.samples) {
    if (!seen.insert(sample.text).second) continue;
    std::vector<std::string> words;
    split_words(sample.text, words);
    std::set<std::string> terms;
    std::size_t count = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i].empty()) continue;
      ++count;
      terms.insert(words[i]);
      if (i + 1 < words.size() && !words[i + 1].empty())
        terms.insert(phrase_of(words[i], words[i + 1], phrase));
    }
    if (count == 0) continue;
    double sum = 0;
    for (const std::string& term : terms)
      if (const auto weight = weights.find(term); weight != weights.end()) sum += weight->second;
    const std::string_view shown = cut_text(sample.text, kShownBytes);
    texts.push_back({std::string(shown), sample.cut || shown.size() < sample.text.size(),
                     sample.time, sample.line, sum / std::sqrt(static_cast<double>(count))});
  }
  std::stable_sort(texts.begin(), texts.end(), [](const TypicalText& a, const TypicalText& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.line < b.line;
  });
  if (texts.size() > kTextsShown) texts.resize(kTextsShown);
  flagged.texts = std::move(texts);
}

}  // namespace valence
