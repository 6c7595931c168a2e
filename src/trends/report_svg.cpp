#include <algorithm>
#include <array>
#include <cmath>

#include "base/svg.h"
#include "trends/report_formats.h"
#include "trends/words.h"

namespace valence {
namespace {

constexpr double kLeft = 70, kRight = 40, kWidth = 960;
constexpr double kPlot = kWidth - kLeft - kRight;
constexpr double kSharesTop = 100, kSharesHeight = 230;
constexpr double kPolarityTop = 400, kPolarityHeight = 170;
constexpr double kHeightWithPolarity = 620, kHeightWithout = 390;
constexpr std::size_t kNamesShown = 12;  // below the bars
constexpr std::size_t kTitleBytes = 80;
// Told apart by the colour blind, and by lightness alone: Okabe and Ito's orange to blue.
constexpr const char* kNegative = "#c4581b";
constexpr const char* kNeutral = "#b9bec4";
constexpr const char* kPositive = "#2f6fae";
constexpr std::array<const char*, 6> kOthers{"#2f6fae", "#e0a030", "#3a8f72",
                                             "#8a62a8", "#c4581b", "#6d7780"};

const char* colour_of(const TrendReport& report, std::size_t label) {
  const std::optional<double>& worth = report.labels[label].worth;
  if (!worth) return kOthers[label % kOthers.size()];
  return *worth < 0 ? kNegative : *worth > 0 ? kPositive : kNeutral;
}

// Of several labels on one side the weaker ones are paler.
double opacity_of(const TrendReport& report, std::size_t label) {
  const std::optional<double>& worth = report.labels[label].worth;
  return worth && *worth != 0 ? 0.4 + 0.6 * std::abs(*worth) : 1;
}

class Picture {
 public:
  explicit Picture(const TrendReport& report)
      : report_(report),
        cells_(report.groups.front().cells),
        step_(kPlot / std::max<double>(1, static_cast<double>(cells_.size()))) {}

  std::string draw() {
    const bool polarity = !report_.options.polarity.empty();
    const double height = polarity ? kHeightWithPolarity : kHeightWithout;
    svg_ = printed(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
        "height=\"%.0f\" font-family=\"sans-serif\" fill=\"#222\">\n",
        kWidth, height, kWidth, height);
    const std::string title = std::string(cut_text(report_.title, kTitleBytes));
    svg_ += "<title>" + xml_text(title) + ": shares of labels by " +
            std::string(name_of(report_.options.period)) + "</title>\n";
    svg_ += "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
    svg_ += svg_text(kLeft, 34, "start", 18, title);
    svg_ += svg_text(kLeft, 56, "start", 13, subtitle());
    legend();
    shares();
    if (polarity) mean_polarity();
    return svg_ + "</svg>\n";
  }

 private:
  double x_of(std::size_t period) const {
    return kLeft + (static_cast<double>(period) + 0.5) * step_;
  }

  std::string subtitle() const {
    std::string texts = std::to_string(report_.used) + (report_.used == 1 ? " text" : " texts");
    if (report_.periods.empty()) return texts;
    return texts + ", " + report_.periods.front().name + " to " + report_.periods.back().name +
           ", by " + std::string(name_of(report_.options.period)) +
           (any_uncertain()
                ? "; pale: fewer than " + std::to_string(report_.options.min_count) + " texts"
                : "");
  }

  bool any_uncertain() const {
    return std::any_of(cells_.begin(), cells_.end(),
                       [](const ReportCell& cell) { return cell.uncertain; });
  }

  void legend() {
    double x = kLeft;
    for (std::size_t l = 0; l < report_.labels.size(); ++l) {
      const std::string name(cut_text(report_.labels[l].name, 24));
      const double width = 34 + 7.5 * static_cast<double>(name.size());
      if (x + width > kWidth - kRight) break;
      svg_ += printed(
          "<rect x=\"%.1f\" y=\"72\" width=\"12\" height=\"12\" fill=\"%s\" opacity=\"%.2f\"/>\n",
          x, colour_of(report_, l), opacity_of(report_, l));
      svg_ += svg_text(x + 18, 83, "start", 13, name);
      x += width;
    }
  }

  // Every n-th name, so that they do not overlap.
  void names(double y) {
    const std::size_t every =
        std::max<std::size_t>(1, (cells_.size() + kNamesShown - 1) / kNamesShown);
    for (std::size_t p = 0; p < cells_.size(); p += every)
      svg_ += svg_text(x_of(p), y, "middle", 12, report_.periods[p].name);
  }

  void grid(double y, const std::string& name) {
    svg_ +=
        printed("<path d=\"M%.1f %.1fH%.1f\" stroke=\"#e2e2e2\"/>\n", kLeft, y, kWidth - kRight);
    svg_ += svg_text(kLeft - 8, y + 4, "end", 12, name);
  }

  void shares() {
    for (int i = 0; i <= 4; ++i)
      grid(kSharesTop + kSharesHeight * (1 - i / 4.0), printed("%d %%", 25 * i));
    const double width = std::max(1.0, 0.8 * step_);
    for (std::size_t p = 0; p < cells_.size(); ++p) {
      double y = kSharesTop + kSharesHeight;
      for (std::size_t l = 0; cells_[p].count > 0 && l < report_.labels.size(); ++l) {
        const LabelShare& share = cells_[p].labels[l];
        const double height = kSharesHeight * share.share;
        y -= height;
        svg_ += printed(
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\" "
            "opacity=\"%.2f\">",
            x_of(p) - width / 2, y, width, height, colour_of(report_, l),
            opacity_of(report_, l) * (cells_[p].uncertain ? 0.45 : 1));
        svg_ += "<title>" + xml_text(report_.periods[p].name + ", " + report_.labels[l].name) +
                printed(": %.1f %% (%.1f to %.1f), %llu of %llu</title></rect>\n",
                        100 * share.share, 100 * share.interval.low, 100 * share.interval.high,
                        static_cast<unsigned long long>(share.count),
                        static_cast<unsigned long long>(cells_[p].count));
      }
      if (cells_[p].changed || cells_[p].drifted) mark(p);
    }
    names(kSharesTop + kSharesHeight + 18);
  }

  // A triangle above a flagged period.
  void mark(std::size_t period) {
    const double x = x_of(period), y = kSharesTop - 4;
    svg_ += printed("<path d=\"M%.1f %.1fl-5 -8h10z\" fill=\"#222\"><title>", x, y) +
            xml_text(report_.periods[period].name) + ": " +
            (cells_[period].changed ? "significant change" : "drift") + "</title></path>\n";
  }

  double y_of(double polarity) const { return kPolarityTop + kPolarityHeight * (1 - polarity) / 2; }

  void mean_polarity() {
    svg_ += svg_text(kLeft, kPolarityTop - 16, "start", 13, "mean polarity, 95 % interval");
    for (const double at : {-1.0, -0.5, 0.0, 0.5, 1.0}) grid(y_of(at), printed("%+.1f", at));
    std::string line;
    bool open = false;
    for (std::size_t p = 0; p < cells_.size(); ++p) {
      const std::optional<Polarity>& polarity = cells_[p].polarity;
      if (!polarity) {
        open = false;
        continue;
      }
      const double x = x_of(p);
      line += printed("%c%.1f %.1f", open ? 'L' : 'M', x, y_of(polarity->mean));
      open = true;
      svg_ += printed(
          "<path d=\"M%.1f %.1fV%.1f\" stroke=\"#2f6fae\" stroke-width=\"%.1f\" "
          "opacity=\"0.3\"/>\n",
          x, y_of(polarity->interval.low), y_of(polarity->interval.high),
          std::clamp(0.5 * step_, 1.0, 14.0));
      svg_ +=
          printed("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\" stroke=\"#1d4a78\"/>\n",
                  x, y_of(polarity->mean), std::clamp(0.3 * step_, 1.0, 3.5),
                  cells_[p].uncertain ? "#ffffff" : "#1d4a78");
    }
    if (!line.empty())
      svg_ += "<path d=\"" + line + "\" fill=\"none\" stroke=\"#1d4a78\" stroke-width=\"1.5\"/>\n";
    names(kPolarityTop + kPolarityHeight + 22);
  }

  const TrendReport& report_;
  const std::vector<ReportCell>& cells_;
  double step_;
  std::string svg_;
};

}  // namespace

std::string report_svg(const TrendReport& report) {
  return Picture(report).draw();
}

}  // namespace valence
