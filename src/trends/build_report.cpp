#include "trends/build_report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "trends/flags.h"
#include "trends/statistics.h"

namespace valence {
namespace {

constexpr std::int64_t kMostWithGaps = 1000;  // periods listed where some of them are empty
constexpr const char* kAll = "all";
constexpr const char* kOther = "other";

class Builder {
 public:
  Builder(const Tallies& tallies, PeriodKind period, const ReportOptions& options,
          TrendReport& report)
      : tallies_(tallies), period_(period), options_(options), report_(report) {}

  void run() {
    report_.read = tallies_.read();
    report_.used = tallies_.used();
    report_.outside = tallies_.outside();
    report_.skipped = tallies_.skipped();
    report_.options.period = period_;
    report_.options.min_count = options_.min_count;
    list_periods();
    list_groups();
    add_up();
    list_labels();
    choose_polarity();
    for (std::size_t g = 0; g < sums_.size(); ++g)
      for (std::size_t p = 0; p < report_.periods.size(); ++p) fill_cell(g, p);
    for (ReportGroup& group : report_.groups) compare(group);
    correct();
    find_drift(report_);
    list_flagged(report_);
  }

 private:
  void list_periods() {
    std::vector<Period> found;
    found.reserve(tallies_.cells().size());
    for (const auto& [key, tally] : tallies_.cells()) found.push_back(key.period);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    if (!found.empty() && std::int64_t{found.back()} - found.front() < kMostWithGaps) {
      const Period first = found.front();
      found.resize(static_cast<std::size_t>(found.back() - first) + 1);
      std::iota(found.begin(), found.end(), first);
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      place_of_period_[found[i]] = i;
      report_.periods.push_back({found[i], period_name(found[i], period_),
                                 first_day(found[i], period_), first_day(found[i] + 1, period_)});
    }
  }

  // The largest groups by name, the rest together.
  void list_groups() {
    report_.groups.push_back({kAll, ReportGroup::Kind::kAll, 0, {}});
    const std::vector<std::string>& names = tallies_.groups();
    place_of_group_.assign(names.size() + 1, 0);
    if (report_.options.group_column.empty()) return;
    std::vector<std::uint64_t> counts(names.size() + 1);
    for (const auto& [key, tally] : tallies_.cells())
      counts[std::min<std::size_t>(key.group, names.size())] += tally.count;
    std::vector<std::size_t> order(names.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return counts[a] != counts[b] ? counts[a] > counts[b] : names[a] < names[b];
    });
    const std::size_t told = std::min(options_.max_groups, order.size());
    for (std::size_t i = 0; i < told; ++i) {
      place_of_group_[order[i]] = report_.groups.size();
      const std::string& name = names[order[i]];
      report_.groups.push_back(
          {name.empty() ? kNoGroupValue : name, ReportGroup::Kind::kValue, 0, {}});
    }
    if (told == order.size() && counts.back() == 0) return;
    for (std::size_t i = told; i < order.size(); ++i)
      place_of_group_[order[i]] = report_.groups.size();
    place_of_group_.back() = report_.groups.size();
    report_.groups.push_back({kOther, ReportGroup::Kind::kOther, 0, {}});
  }

  void add_up() {
    sums_.resize(report_.groups.size());
    for (auto& cells : sums_) cells.resize(report_.periods.size());
    for (const auto& [key, tally] : tallies_.cells()) {
      const std::size_t period = place_of_period_.at(key.period);
      const std::size_t group =
          place_of_group_[std::min<std::size_t>(key.group, place_of_group_.size() - 1)];
      sums_[0][period].add(tally);
      if (group != 0) sums_[group][period].add(tally);
    }
  }

  // Most negative first; where nothing is known of their worths, most frequent first.
  void list_labels() {
    const std::vector<std::string>& names = tallies_.labels();
    worths_ = worths_of(names, options_.worths);
    std::vector<std::uint64_t> counts(names.size());
    for (const Tally& tally : sums_[0])
      for (std::size_t l = 0; l < names.size(); ++l) counts[l] += tally.of_label(l);
    order_.resize(names.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      if (!worths_.empty() && worths_[a] != worths_[b]) return worths_[a] < worths_[b];
      return counts[a] != counts[b] ? counts[a] > counts[b] : names[a] < names[b];
    });
    for (const std::size_t l : order_)
      report_.labels.push_back(
          {names[l], worths_.empty() ? std::nullopt : std::optional(worths_[l]), counts[l]});
  }

  void choose_polarity() {
    std::uint64_t with = 0;
    for (const Tally& tally : sums_[0]) with += tally.polarities;
    from_scores_ = with > 0;
    report_.options.polarity = from_scores_ ? "scores" : worths_.empty() ? "" : "labels";
    if (from_scores_ && with < report_.used)
      report_.notes.push_back(std::to_string(report_.used - with) + " of " +
                              std::to_string(report_.used) +
                              " texts have no scores of all labels; they do not count in the mean "
                              "polarity.");
    if (report_.options.polarity == "labels")
      report_.notes.emplace_back(
          "There are no scores of all labels: polarity is computed from the labels alone.");
    if (report_.options.polarity.empty() && !report_.labels.empty())
      report_.notes.emplace_back(
          "Nothing says which labels are good and which are bad: there is no polarity. "
          "--polarity LABEL=WORTH,... tells it.");
  }

  void fill_cell(std::size_t group, std::size_t period) {
    const Tally& tally = sums_[group][period];
    ReportCell cell;
    cell.count = tally.count;
    cell.uncertain = tally.count < options_.min_count;
    if (tally.scores > 0) cell.score = tally.score_sum / static_cast<double>(tally.scores);
    cell.polarity = polarity(tally);
    for (const std::size_t l : order_) {
      LabelShare share;
      share.count = tally.of_label(l);
      if (tally.count > 0) {
        share.share = static_cast<double>(share.count) / static_cast<double>(tally.count);
        share.interval = wilson_interval(share.count, tally.count);
      }
      cell.labels.push_back(share);
    }
    report_.groups[group].count += tally.count;
    report_.groups[group].cells.push_back(std::move(cell));
  }

  std::optional<Polarity> polarity(const Tally& tally) const {
    if (from_scores_) {
      if (tally.polarities == 0) return std::nullopt;
      std::array<double, kPolaritySteps> values{};
      double sum = 0;
      for (std::size_t i = 0; i < kPolaritySteps; ++i) {
        values[i] = polarity_of_step(i);
        sum += values[i] * static_cast<double>((*tally.histogram)[i]);
      }
      return around(tally.polarity_sum / static_cast<double>(tally.polarities),
                    sum / static_cast<double>(tally.polarities),
                    bootstrap_of_mean(values, *tally.histogram));
    }
    if (worths_.empty() || tally.count == 0) return std::nullopt;
    std::vector<std::uint64_t> counts;
    double sum = 0;
    for (std::size_t l = 0; l < worths_.size(); ++l) {
      counts.push_back(tally.of_label(l));
      sum += worths_[l] * static_cast<double>(counts.back());
    }
    const double mean = sum / static_cast<double>(tally.count);
    return around(mean, mean, bootstrap_of_mean(worths_, counts));
  }

  // The interval was drawn from steps whose mean is slightly another one.
  static Polarity around(double mean, double of_steps, Interval interval) {
    return {mean, {mean + (interval.low - of_steps), mean + (interval.high - of_steps)}, {}};
  }

  static void compare(ReportGroup& group) {
    std::optional<std::size_t> before;
    for (std::size_t p = 0; p < group.cells.size(); ++p) {
      ReportCell& cell = group.cells[p];
      if (cell.count == 0) continue;
      if (before) compare_cells(cell, group.cells[*before], *before);
      before = p;
    }
  }

  static void compare_cells(ReportCell& now, const ReportCell& before, std::size_t place) {
    now.compared_with = place;
    if (now.polarity && before.polarity)
      now.polarity->change = now.polarity->mean - before.polarity->mean;
    for (std::size_t l = 0; l < now.labels.size(); ++l) {
      LabelShare& share = now.labels[l];
      share.change.emplace().difference = share.share - before.labels[l].share;
      if (now.uncertain || before.uncertain) continue;
      const ProportionTest test =
          two_proportions(share.count, now.count, before.labels[l].count, before.count);
      share.change->z = test.z;
      share.change->p = test.p;
    }
  }

  // All comparisons of the report count as one family.
  void correct() {
    std::vector<std::pair<ReportCell*, ShareChange*>> tested;
    std::vector<double> p;
    for (ReportGroup& group : report_.groups)
      for (ReportCell& cell : group.cells)
        for (LabelShare& share : cell.labels)
          if (share.change && share.change->p) {
            tested.emplace_back(&cell, &*share.change);
            p.push_back(*share.change->p);
          }
    const std::vector<double> q = false_discovery_rates(p);
    for (std::size_t i = 0; i < tested.size(); ++i) {
      const auto& [cell, change] = tested[i];
      change->q = q[i];
      change->significant = q[i] <= kAlpha;
      if (!change->significant) continue;
      cell->changed = true;
      ++report_.significant;
    }
    report_.comparisons = tested.size();
  }

  const Tallies& tallies_;
  PeriodKind period_;
  const ReportOptions& options_;
  TrendReport& report_;
  std::map<Period, std::size_t> place_of_period_;
  std::vector<std::size_t> place_of_group_;  // by the tallies' number
  std::vector<std::vector<Tally>> sums_;     // by group and period of the report
  std::vector<std::size_t> order_;           // the tallies' numbers of the report's labels
  std::vector<double> worths_;               // by the tallies' numbers
  bool from_scores_ = false;
};

}  // namespace

void build_report(const Tallies& tallies, PeriodKind period, const ReportOptions& options,
                  TrendReport& report) {
  Builder(tallies, period, options, report).run();
}

}  // namespace valence
