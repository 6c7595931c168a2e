#include "trends/flags.h"

#include <algorithm>
#include <tuple>

#include "trends/statistics.h"

namespace valence {
namespace {

void find_drift_of(TrendReport& report, std::size_t g, std::size_t label) {
  std::vector<std::size_t> places;
  std::vector<std::uint64_t> counts, totals;
  for (std::size_t p = 0; p < report.periods.size(); ++p) {
    const ReportCell& cell = report.groups[g].cells[p];
    if (cell.uncertain || cell.count == 0) continue;
    places.push_back(p);
    counts.push_back(cell.labels[label].count);
    totals.push_back(cell.count);
  }
  const DriftResult result = detect_drift(counts, totals);
  for (const Drift& signal : result.signals) {
    report.groups[g].cells[places[signal.at]].drifted = true;
    report.drift.push_back({g, label, places[signal.at], places[signal.since], signal.up,
                            signal.statistic, result.share, places.front(),
                            places[result.baseline - 1]});
  }
}

// The significant change that rose most, else the one that fell most; null where none is.
const LabelShare* telling_change(const ReportCell& cell) {
  const LabelShare* best = nullptr;
  for (const LabelShare& share : cell.labels) {
    if (!share.change || !share.change->significant) continue;
    const double difference = share.change->difference;
    const double so_far = best == nullptr ? 0 : best->change->difference;
    const bool better = difference > 0 ? difference > so_far : so_far <= 0 && difference < so_far;
    if (best == nullptr || better) best = &share;
  }
  return best;
}

// Of the signals in a period the strongest one, upward ones first.
const ReportDrift* telling_drift(const TrendReport& report, std::size_t group, std::size_t period) {
  const ReportDrift* best = nullptr;
  for (const ReportDrift& signal : report.drift) {
    if (signal.group != group || signal.period != period) continue;
    if (best == nullptr ||
        std::tuple(signal.up, signal.statistic) > std::tuple(best->up, best->statistic))
      best = &signal;
  }
  return best;
}

}  // namespace

void find_drift(TrendReport& report) {
  for (std::size_t g = 0; g < report.groups.size(); ++g)
    for (std::size_t l = 0; l < report.labels.size(); ++l) find_drift_of(report, g, l);
  std::stable_sort(report.drift.begin(), report.drift.end(),
                   [](const ReportDrift& a, const ReportDrift& b) {
                     return std::tie(a.group, a.period) < std::tie(b.group, b.period);
                   });
}

void list_flagged(TrendReport& report) {
  for (std::size_t g = 0; g < report.groups.size(); ++g)
    for (std::size_t p = 0; p < report.periods.size(); ++p) {
      const ReportCell& cell = report.groups[g].cells[p];
      if (!cell.changed && !cell.drifted) continue;
      FlaggedPeriod flagged;
      flagged.group = g;
      flagged.period = p;
      flagged.change = cell.changed;
      flagged.drift = cell.drifted;
      if (const LabelShare* change = telling_change(cell)) {
        flagged.label = static_cast<std::size_t>(change - cell.labels.data());
        flagged.up = change->change->difference > 0;
        flagged.before_first = flagged.before_last = *cell.compared_with;
      } else if (const ReportDrift* drift = telling_drift(report, g, p)) {
        flagged.label = drift->label;
        flagged.up = drift->up;
        flagged.before_first = drift->baseline_first;
        flagged.before_last = drift->baseline_last;
      }
      report.flagged.push_back(flagged);
    }
}

}  // namespace valence
