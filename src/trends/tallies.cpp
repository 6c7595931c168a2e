#include "trends/tallies.h"

#include <algorithm>
#include <cmath>

#include "data/columns.h"
#include "data/input_buffer.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr std::size_t kMostLabels = 1000;
constexpr std::size_t kMostGroups = 1000;
constexpr std::size_t kMostCells = 200'000;
constexpr std::size_t kExamples = 5;

}  // namespace

std::size_t polarity_step(double polarity) {
  const double place = (std::clamp(polarity, -1.0, 1.0) + 1) / 2 * (kPolaritySteps - 1);
  return static_cast<std::size_t>(std::lround(place));
}

double polarity_of_step(std::size_t step) {
  return 2 * static_cast<double>(step) / (kPolaritySteps - 1) - 1;
}

void Tally::add(const Tally& other) {
  count += other.count;
  labels.resize(std::max(labels.size(), other.labels.size()));
  for (std::size_t i = 0; i < other.labels.size(); ++i) labels[i] += other.labels[i];
  score_sum += other.score_sum;
  polarity_sum += other.polarity_sum;
  scores += other.scores;
  polarities += other.polarities;
  if (!other.histogram) return;
  if (!histogram) histogram = std::make_unique<std::array<std::uint64_t, kPolaritySteps>>();
  for (std::size_t i = 0; i < kPolaritySteps; ++i) (*histogram)[i] += (*other.histogram)[i];
}

std::optional<std::uint32_t> Names::number_of(std::string_view name, std::size_t most) {
  if (const auto found = numbers_.find(name); found != numbers_.end()) return found->second;
  if (names_.size() >= most) return std::nullopt;
  const auto number = static_cast<std::uint32_t>(names_.size());
  names_.emplace_back(name);
  numbers_.emplace(name, number);
  return number;
}

void Tallies::add(const Record& record) {
  ++read_;
  if (!record.error.empty()) return skip(broken_, record.line, record.error);
  const std::optional<std::int64_t> time = times_.local_seconds(record);
  if (!time) return skip(undated_, record.line, record.time);
  const Day day = day_of_seconds(*time);
  if ((options_.from && day < *options_.from) || (options_.to && day > *options_.to)) {
    ++outside_;
    return;
  }
  if (is_blank(record.label)) return skip(unlabelled_, record.line, record.label);
  count(record, period_of(day, options_.period));
}

void Tallies::count(const Record& record, Period period) {
  const auto label = labels_.number_of(record.label, kMostLabels);
  if (!label)
    throw Error(ErrorCode::kInvalidArgument,
                options_.origin + ": the column \"" + options_.label_column + "\" has more than " +
                    std::to_string(kMostLabels) +
                    " different values; name the column of the labels with --label-column");
  const auto group = groups_.number_of(record.group, kMostGroups).value_or(kMostGroups);
  Tally& tally = cells_[{period, group}];
  if (cells_.size() > kMostCells)
    throw Error(ErrorCode::kInvalidArgument,
                options_.origin + ": there are more than " + std::to_string(kMostCells) +
                    " periods and groups together; choose a longer --period, or narrow --from and "
                    "--to");
  ++used_;
  ++tally.count;
  if (tally.labels.size() <= *label) tally.labels.resize(*label + 1);
  ++tally.labels[*label];
  if (record.score) {
    tally.score_sum += *record.score;
    ++tally.scores;
  }
  if (!record.polarity) return;
  tally.polarity_sum += *record.polarity;
  ++tally.polarities;
  if (!tally.histogram)
    tally.histogram = std::make_unique<std::array<std::uint64_t, kPolaritySteps>>();
  ++(*tally.histogram)[polarity_step(*record.polarity)];
}

void Tallies::skip(SkippedRows& reason, std::uint64_t line, std::string_view value) {
  ++reason.count;
  if (reason.examples.size() < kExamples) reason.examples.push_back({line, excerpt(value)});
}

std::vector<SkippedRows> Tallies::skipped() const {
  std::vector<SkippedRows> reasons;
  for (const SkippedRows* reason : {&undated_, &unlabelled_, &broken_})
    if (reason->count > 0) reasons.push_back(*reason);
  return reasons;
}

}  // namespace valence
