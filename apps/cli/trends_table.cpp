#include "apps/cli/trends_table.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "apps/cli/tally.h"
#include "apps/cli/text_table.h"
#include "base/utf8.h"
#include "data/lines_writer.h"
#include "trends/words.h"

namespace valence::cli {
namespace {

constexpr std::size_t kBarWidth = 20;
constexpr std::size_t kLabelsShown = 6;    // columns of shares
constexpr std::size_t kFlaggedShown = 12;  // what is told beneath the tables
constexpr std::size_t kTermsShown = 6;
constexpr std::size_t kWidthElsewhere = 100;  // of lines where there is no terminal
constexpr std::size_t kNameBytes = 24;
constexpr const char* kRed = "\x1b[31m";
constexpr const char* kBlue = "\x1b[34m";
constexpr const char* kGrey = "\x1b[90m";
constexpr const char* kBold = "\x1b[1m";
constexpr const char* kPlain = "\x1b[0m";

// Control characters would disturb the terminal.
std::string shown(std::string_view text) {
  std::string line;
  for (const char c : replace_invalid_utf8(text))
    line += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  return line;
}

std::string short_name(std::string_view name) {
  const std::string_view cut = cut_text(name, kNameBytes);
  return shown(cut) + (cut.size() < name.size() ? "…" : "");
}

std::string percent(double share) {
  return fixed(100 * share, 1) + " %";
}

class Table {
 public:
  Table(const TrendReport& report, const TableStyle& style) : report_(report), style_(style) {}

  std::string text() {
    for (const ReportGroup& group : report_.groups) add_group(group);
    add_legend();
    add_flagged();
    return std::move(out_);
  }

 private:
  struct Parts {
    bool bars = true, intervals = true;
  };

  std::string coloured(const std::string& text, const char* colour) const {
    return style_.colour && !text.empty() ? colour + text + kPlain : text;
  }

  void add_group(const ReportGroup& group) {
    if (report_.groups.size() > 1)
      out_ += (out_.empty() ? std::string() : std::string(1, '\n')) +
              coloured((group.kind == ReportGroup::Kind::kValue
                            ? shown(report_.options.group_column) + " " + shown(group.name)
                            : group.name) +
                           ", " + counted(group.count, "text"),
                       kBold) +
              "\n";
    const std::size_t labels = std::min(kLabelsShown, report_.labels.size());
    std::string table;
    // What a narrow terminal has no room for is left out: intervals first, then the bars.
    for (const Parts parts : {Parts{true, true}, Parts{true, false}, Parts{false, false}}) {
      table = table_of(group, labels, parts);
      if (style_.width == 0 || widest(table) <= style_.width) break;
    }
    out_ += table;
    if (labels < report_.labels.size())
      out_ += grouped(report_.labels.size() - labels) + " more labels: --json\n";
  }

  std::string table_of(const ReportGroup& group, std::size_t labels, Parts parts) const {
    TextTable table;
    std::vector<std::string> head{std::string(name_of(report_.options.period)), "texts"};
    if (parts.bars) head.emplace_back("");
    for (std::size_t l = 0; l < labels; ++l)
      head.push_back(short_name(report_.labels[l].name) + "  ");
    if (has_polarity()) head.emplace_back("polarity");
    if (has_polarity() && parts.intervals) head.emplace_back("95 %");
    head.emplace_back("");
    table.add(head);
    for (std::size_t p = 0; p < group.cells.size(); ++p)
      table.add(row(report_.periods[p], group.cells[p], labels, parts));
    return table.text();
  }

  bool has_polarity() const { return !report_.options.polarity.empty(); }

  static std::size_t widest(const std::string& table) {
    std::size_t width = 0;
    for (std::size_t begin = 0; begin < table.size();) {
      const std::size_t end = std::min(table.find('\n', begin), table.size());
      width = std::max(width, width_without_colours(table.substr(begin, end - begin)));
      begin = end + 1;
    }
    return width;
  }

  std::vector<std::string> row(const ReportPeriod& period, const ReportCell& cell,
                               std::size_t labels, Parts parts) const {
    std::vector<std::string> cells{period.name + (cell.uncertain && cell.count > 0 ? " ?" : "  "),
                                   grouped(cell.count)};
    if (parts.bars) cells.push_back(cell.count > 0 ? bar(cell) : "");
    for (std::size_t l = 0; l < labels; ++l) cells.push_back(share(cell, l));
    if (has_polarity()) cells.push_back(cell.polarity ? signed_number(cell.polarity->mean) : "");
    if (has_polarity() && parts.intervals)
      cells.push_back(cell.polarity ? signed_number(cell.polarity->interval.low) + " to " +
                                          signed_number(cell.polarity->interval.high)
                                    : "");
    cells.emplace_back(cell.drifted ? "drift" : "");
    return cells;
  }

  static std::string signed_number(double value) {
    // Not "-0.00".
    std::string text = fixed(std::abs(value) < 0.005 ? 0 : value, 2);
    if (!text.starts_with('-')) text.insert(0, 1, '+');
    return text;
  }

  std::string share(const ReportCell& cell, std::size_t label) const {
    if (cell.count == 0) return "";
    const LabelShare& share = cell.labels[label];
    const bool arrow = share.change && share.change->significant;
    const char* mark = !arrow ? "  " : share.change->difference > 0 ? " ▲" : " ▼";
    return percent(share.share) + mark;
  }

  // The labels' shares side by side; how they look says which class they are of.
  std::string bar(const ReportCell& cell) const {
    static constexpr std::array<const char*, 3> kBlocks{"█", "░", "▒"};
    std::string text;
    double end = 0;
    std::size_t drawn = 0;
    for (std::size_t l = 0; l < report_.labels.size(); ++l) {
      end += cell.labels[l].share * kBarWidth;
      const auto until = std::min(kBarWidth, static_cast<std::size_t>(std::lround(end)));
      std::string part;
      for (; drawn < until; ++drawn) part += kBlocks[block_of(l)];
      text += coloured(part, colour_of(l));
    }
    return text;
  }

  std::size_t block_of(std::size_t label) const {
    const std::optional<double>& worth = report_.labels[label].worth;
    if (!worth) return label % 3;
    return *worth < 0 ? 0 : *worth > 0 ? 2 : 1;
  }

  const char* colour_of(std::size_t label) const {
    static constexpr std::array<const char*, 3> kColours{kRed, kGrey, kBlue};
    return kColours[block_of(label)];
  }

  void add_legend() {
    static constexpr std::array<const char*, 3> kBlocks{"█", "░", "▒"};
    out_ += '\n';
    for (std::size_t l = 0; l < std::min(kLabelsShown, report_.labels.size()); ++l)
      out_ += (l == 0 ? std::string() : std::string(2, ' ')) +
              coloured(kBlocks[block_of(l)], colour_of(l)) + " " +
              short_name(report_.labels[l].name);
    const auto any = [&](auto holds) {
      for (const ReportGroup& group : report_.groups)
        if (std::any_of(group.cells.begin(), group.cells.end(), holds)) return true;
      return false;
    };
    if (any([](const ReportCell& cell) { return cell.changed; }))
      out_ += "   ▲ ▼ significant change";
    if (any([](const ReportCell& cell) { return cell.uncertain && cell.count > 0; }))
      out_ += "   ? fewer than " + std::to_string(report_.options.min_count) + " texts";
    out_ += '\n';
  }

  void add_flagged() {
    if (report_.flagged.empty()) {
      out_ += "No change is larger than chance explains.\n";
      return;
    }
    const std::size_t count = std::min(kFlaggedShown, report_.flagged.size());
    for (std::size_t i = 0; i < count; ++i) add_finding(report_.flagged[i]);
    if (count < report_.flagged.size())
      out_ += '\n' + grouped(report_.flagged.size() - count) +
              " more flagged periods are in the report: -o report.html\n";
  }

  void add_finding(const FlaggedPeriod& flagged) {
    const ReportGroup& group = report_.groups[flagged.group];
    const LabelShare& share = group.cells[flagged.period].labels[flagged.label];
    const std::string where = flagged.group == 0 ? "" : ", " + shown(group.name);
    out_ += '\n';
    out_ += coloured(report_.periods[flagged.period].name + where, kBold) + ": " +
            shown(report_.labels[flagged.label].name);
    if (flagged.change)
      out_ += (flagged.up ? " rose to " : " fell to ") + percent(share.share) + " from " +
              percent(share.share - share.change->difference) + " (q " +
              (*share.change->q < 0.0001 ? "< 0.0001" : fixed(*share.change->q, 4)) + ")" +
              (flagged.drift ? ", and there is a drift" : "");
    else
      out_ += drift_of(flagged, share);
    out_ += '\n';
    add_terms("more: ", flagged.now);
    add_terms("less: ", flagged.before);
    if (!flagged.texts.empty()) out_ += "  " + fitted("“" + shown(flagged.texts.front().text), "”");
  }

  std::string drift_of(const FlaggedPeriod& flagged, const LabelShare& share) const {
    const auto signal =
        std::find_if(report_.drift.begin(), report_.drift.end(), [&](const ReportDrift& drift) {
          return drift.group == flagged.group && drift.period == flagged.period &&
                 drift.label == flagged.label;
        });
    if (signal == report_.drift.end()) return {};
    return (flagged.up ? " has drifted up to " : " has drifted down to ") + percent(share.share) +
           " since " + report_.periods[signal->since].name + ", from " +
           percent(signal->baseline_share) + " in " + report_.periods[signal->baseline_first].name +
           " to " + report_.periods[signal->baseline_last].name;
  }

  void add_terms(const char* head, const std::vector<ReportWord>& words) {
    if (words.empty()) return;
    std::string list;
    for (std::size_t i = 0; i < std::min(kTermsShown, words.size()); ++i)
      list += (i == 0 ? "" : ", ") + words[i].term;
    out_ += "  " + fitted(head + list, "");
  }

  // One line that fits the terminal.
  std::string fitted(const std::string& text, const std::string& end) const {
    const std::size_t room = (style_.width == 0 ? kWidthElsewhere : style_.width) - 4;
    if (display_width(text + end) <= room) return text + end + "\n";
    std::size_t bytes = 0, width = 0;
    while (bytes < text.size()) {
      const std::size_t length = decode_utf8(text, bytes).length;
      width += display_width(std::string_view(text).substr(bytes, length));
      if (width + 1 + display_width(end) > room) break;
      bytes += length;
    }
    return text.substr(0, bytes) + "…" + end + "\n";
  }

  const TrendReport& report_;
  TableStyle style_;
  std::string out_;
};

}  // namespace

std::string trends_table(const TrendReport& report, const TableStyle& style) {
  return Table(report, style).text();
}

std::string trends_notes(const TrendReport& report) {
  std::string text;
  for (const SkippedRows& reason : report.skipped) {
    text += "valence: " + grouped(reason.count) + " of " + counted(report.read, "row") +
            " skipped: " + reason.meaning + ":";
    for (const LineExample& example : reason.examples)
      text += " line " + std::to_string(example.line) + " \"" + shown(example.value) + "\"" +
              (&example == &reason.examples.back() ? "" : ",");
    text += reason.count > reason.examples.size() ? ", ...\n" : "\n";
  }
  for (const std::string& note : report.notes) text += "valence: note: " + shown(note) + "\n";
  return text;
}

}  // namespace valence::cli
