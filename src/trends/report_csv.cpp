#include <array>
#include <charconv>

#include "data/csv_writer.h"
#include "trends/report_formats.h"

namespace valence {
namespace {

constexpr const char* kHeader =
    "group,period,start,end,texts,uncertain,label,count,share,share_low,share_high,change,z,p,q,"
    "significant,mean_score,polarity,polarity_low,polarity_high,polarity_change,flags\n";

class Line {
 public:
  explicit Line(std::string& out) : out_(out) {}

  Line& add(std::string_view text) {
    if (!first_) out_ += ',';
    first_ = false;
    append_csv_value(text, ',', out_);
    return *this;
  }

  Line& add(std::uint64_t number) { return add(std::to_string(number)); }

  // As many digits as tell the number from all others; nothing where there is none.
  Line& add(const std::optional<double>& number) {
    if (!number) return add(std::string_view());
    std::array<char, 40> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), *number);
    return add(std::string_view(text.data(), static_cast<std::size_t>(end.ptr - text.data())));
  }

  Line& add(bool value) { return add(std::string_view(value ? "true" : "false")); }

 private:
  std::string& out_;
  bool first_ = true;
};

void append_row(const ReportGroup& group, const ReportPeriod& period, const ReportCell& cell,
                const std::string& label, const LabelShare& share, std::string& out) {
  const bool any = cell.count > 0;
  const auto where_any = [any](double value) { return any ? std::optional(value) : std::nullopt; };
  const ShareChange none;
  const ShareChange& change = share.change ? *share.change : none;
  Line line(out);
  line.add(group.name).add(period.name).add(date_of(period.start)).add(date_of(period.end));
  line.add(cell.count).add(cell.uncertain).add(label).add(share.count);
  line.add(where_any(share.share));
  line.add(where_any(share.interval.low)).add(where_any(share.interval.high));
  line.add(share.change ? std::optional(change.difference) : std::nullopt);
  line.add(change.z).add(change.p).add(change.q).add(change.significant).add(cell.score);
  std::optional<double> mean, low, high, moved;
  if (cell.polarity) {
    mean = cell.polarity->mean;
    low = cell.polarity->interval.low;
    high = cell.polarity->interval.high;
    moved = cell.polarity->change;
  }
  line.add(mean).add(low).add(high).add(moved);
  std::string flags;
  if (cell.changed) flags += "change";
  if (cell.drifted) flags += flags.empty() ? "drift" : "|drift";
  line.add(flags);
  out += '\n';
}

}  // namespace

std::string report_csv(const TrendReport& report) {
  std::string out = kHeader;
  for (const ReportGroup& group : report.groups)
    for (std::size_t p = 0; p < report.periods.size(); ++p)
      for (std::size_t l = 0; l < report.labels.size(); ++l)
        append_row(group, report.periods[p], group.cells[p], report.labels[l].name,
                   group.cells[p].labels[l], out);
  return out;
}

}  // namespace valence
