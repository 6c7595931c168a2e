#include "eval/reliability_plot.h"

#include <algorithm>

#include "base/svg.h"

namespace valence {
namespace {

constexpr double kLeft = 70, kTop = 60, kSide = 420;  // the diagram
constexpr double kCountTop = 510, kCountHeight = 70;  // the histogram below it
constexpr double kWidth = 520, kHeight = 640;

double x_of(double confidence) {
  return kLeft + confidence * kSide;
}

double y_of(double accuracy) {
  return kTop + (1 - accuracy) * kSide;
}

std::string axes() {
  std::string svg;
  for (int i = 0; i <= 5; ++i) {
    const double at = i / 5.0;
    svg += printed("<path d=\"M%.1f %.1fH%.1f\" stroke=\"#e2e2e2\"/>\n", kLeft, y_of(at),
                   kLeft + kSide);
    svg += svg_text(kLeft - 8, y_of(at) + 4, "end", 12, printed("%.1f", at));
    svg += svg_text(x_of(at), kTop + kSide + 16, "middle", 12, printed("%.1f", at));
  }
  svg += svg_text(kLeft + kSide / 2, kHeight - 14, "middle", 13, "confidence (score)");
  svg += printed("<g transform=\"translate(22 %.1f) rotate(-90)\">", kTop + kSide / 2) +
         svg_text(0, 0, "middle", 13, "accuracy") + "</g>\n";
  return svg;
}

std::string bars(const Reliability& reliability) {
  std::string svg;
  std::size_t most = 1;
  for (const auto& bin : reliability.bins()) most = std::max(most, bin.count);
  constexpr double kStep = kSide / static_cast<double>(kReliabilityBins);
  for (std::size_t i = 0; i < kReliabilityBins; ++i) {
    const Reliability::Bin& bin = reliability.bins()[i];
    if (bin.count == 0) continue;
    const double x = kLeft + static_cast<double>(i) * kStep;
    const double height = kCountHeight * static_cast<double>(bin.count) / static_cast<double>(most);
    const std::string told = printed("<title>%zu: confidence %.3f, right %.3f</title>", bin.count,
                                     bin.confidence(), bin.accuracy());
    svg += printed("<rect class=\"accuracy\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" ",
                   x + 1, y_of(bin.accuracy()), kStep - 2, bin.accuracy() * kSide) +
           "fill=\"#3b78b5\">" + told + "</rect>\n";
    svg += printed("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"#c2410c\"/>\n",
                   x_of(bin.confidence()), y_of(bin.accuracy()));
    svg += printed("<rect class=\"count\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" ",
                   x + 1, kCountTop + kCountHeight - height, kStep - 2, height) +
           "fill=\"#9aa5b1\">" + told + "</rect>\n";
    svg += svg_text(x + kStep / 2, kCountTop + kCountHeight + 12, "middle", 8,
                    std::to_string(bin.count));
  }
  return svg;
}

}  // namespace

std::string reliability_svg(const Reliability& reliability, const std::string& title) {
  std::string svg = printed(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
      "height=\"%.0f\" font-family=\"sans-serif\" fill=\"#222\">\n",
      kWidth, kHeight, kWidth, kHeight);
  const std::string ece =
      printed("ECE %.4f over %zu", reliability.expected_calibration_error(), reliability.count());
  svg += "<title>" + xml_text(title + ": " + ece) + "</title>\n";
  svg += "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
  svg += svg_text(kLeft, 26, "start", 15, title);
  svg += svg_text(kLeft, 46, "start", 13, "Reliability, " + ece);
  svg += axes() + bars(reliability);
  svg += printed("<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"#222\" stroke-dasharray=\"5 4\"/>\n",
                 x_of(0), y_of(0), x_of(1), y_of(1));
  svg += printed(
      "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"none\" "
      "stroke=\"#888\"/>\n",
      kLeft, kTop, kSide, kSide);
  return svg + "</svg>\n";
}

}  // namespace valence
