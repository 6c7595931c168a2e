#include "eval/reliability.h"

#include <doctest/doctest.h>

#include "eval/reliability_plot.h"

namespace valence {
namespace {

TEST_CASE("bins are open below and closed above") {
  Reliability reliability;
  reliability.add(0, false);
  reliability.add(1.0 / 3, true);  // the upper edge of the fifth bin
  reliability.add(0.34, true);
  reliability.add(1, true);
  reliability.add(1.5, true);
  reliability.add(-1, false);
  CHECK(reliability.bins()[0].count == 2);
  CHECK(reliability.bins()[4].count == 1);
  CHECK(reliability.bins()[5].count == 1);
  CHECK(reliability.bins()[14].count == 2);
  CHECK(reliability.count() == 6);
}

TEST_CASE("the expected calibration error weighs bins by their rows") {
  Reliability reliability;
  CHECK(reliability.expected_calibration_error() == 0);
  for (int i = 0; i < 3; ++i) reliability.add(0.9, i == 0);  // |1/3 - 0.9|
  reliability.add(0.5, true);                                // |1 - 0.5|
  CHECK(reliability.expected_calibration_error() ==
        doctest::Approx(0.75 * (0.9 - 1 / 3.0) + 0.25 * 0.5));
}

TEST_CASE("the picture has a bar for each bin with rows, and no bare markup") {
  Reliability reliability;
  reliability.add(0.9, true);
  reliability.add(0.2, false);
  const std::string svg = reliability_svg(reliability, "a <b> & c\x01\xFF");
  CHECK(svg.find("a &lt;b&gt; &amp; c \xEF\xBF\xBD") != std::string::npos);
  CHECK(svg.find("<b>") == std::string::npos);
  CHECK(svg.find("ECE 0.1500 over 2") != std::string::npos);
  std::size_t bars = 0;
  for (std::size_t at = svg.find("class=\"accuracy\""); at != std::string::npos;
       at = svg.find("class=\"accuracy\"", at + 1))
    ++bars;
  CHECK(bars == 2);
  CHECK(reliability_svg({}, "").find("</svg>") != std::string::npos);
}

}  // namespace
}  // namespace valence
