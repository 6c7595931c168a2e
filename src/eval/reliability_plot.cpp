#include "eval/reliability_plot.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/utf8.h"

namespace valence {
namespace {

constexpr double kLeft = 70, kTop = 60, kSide = 420;  // the diagram
constexpr double kCountTop = 510, kCountHeight = 70;  // the histogram below it
constexpr double kWidth = 520, kHeight = 640;

template <typename... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 512> text{};
  const int size = std::snprintf(text.data(), text.size(), pattern, values...);
  return {text.data(), static_cast<std::size_t>(std::clamp(size, 0, 511))};
}

double x_of(double confidence) {
  return kLeft + confidence * kSide;
}

double y_of(double accuracy) {
  return kTop + (1 - accuracy) * kSide;
}

// XML cannot hold most control characters, however they are written.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : replace_invalid_utf8(text)) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else
      result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result;
}

std::string text_at(double x, double y, const char* anchor, int size, const std::string& text) {
  return format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\">", x, y, anchor,
                size) +
         escaped(text) + "</text>\n";
}

std::string axes() {
  std::string svg;
  for (int i = 0; i <= 5; ++i) {
    const double at = i / 5.0;
    svg += format("<path d=\"M%.1f %.1fH%.1f\" stroke=\"#e2e2e2\"/>\n", kLeft, y_of(at),
                  kLeft + kSide);
    svg += text_at(kLeft - 8, y_of(at) + 4, "end", 12, format("%.1f", at));
    svg += text_at(x_of(at), kTop + kSide + 16, "middle", 12, format("%.1f", at));
  }
  svg += text_at(kLeft + kSide / 2, kHeight - 14, "middle", 13, "confidence (score)");
  svg += format("<g transform=\"translate(22 %.1f) rotate(-90)\">", kTop + kSide / 2) +
         text_at(0, 0, "middle", 13, "accuracy") + "</g>\n";
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
    const std::string told = format("<title>%zu: confidence %.3f, right %.3f</title>", bin.count,
                                    bin.confidence(), bin.accuracy());
    svg += format("<rect class=\"accuracy\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" ",
                  x + 1, y_of(bin.accuracy()), kStep - 2, bin.accuracy() * kSide) +
           "fill=\"#3b78b5\">" + told + "</rect>\n";
    svg += format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"#c2410c\"/>\n",
                  x_of(bin.confidence()), y_of(bin.accuracy()));
    svg += format("<rect class=\"count\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" ",
                  x + 1, kCountTop + kCountHeight - height, kStep - 2, height) +
           "fill=\"#9aa5b1\">" + told + "</rect>\n";
    svg += text_at(x + kStep / 2, kCountTop + kCountHeight + 12, "middle", 8,
                   std::to_string(bin.count));
  }
  return svg;
}

}  // namespace

std::string reliability_svg(const Reliability& reliability, const std::string& title) {
  std::string svg = format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
      "height=\"%.0f\" font-family=\"sans-serif\" fill=\"#222\">\n",
      kWidth, kHeight, kWidth, kHeight);
  const std::string ece =
      format("ECE %.4f over %zu", reliability.expected_calibration_error(), reliability.count());
  svg += "<title>" + escaped(title + ": " + ece) + "</title>\n";
  svg += "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
  svg += text_at(kLeft, 26, "start", 15, title);
  svg += text_at(kLeft, 46, "start", 13, "Reliability, " + ece);
  svg += axes() + bars(reliability);
  svg += format("<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"#222\" stroke-dasharray=\"5 4\"/>\n",
                x_of(0), y_of(0), x_of(1), y_of(1));
  svg += format(
      "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"none\" "
      "stroke=\"#888\"/>\n",
      kLeft, kTop, kSide, kSide);
  return svg + "</svg>\n";
}

}  // namespace valence
