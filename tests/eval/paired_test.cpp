#include "eval/paired.h"

#include <doctest/doctest.h>

#include "eval/metrics_fixture.h"

namespace valence {
namespace {

TEST_CASE("McNemar's exact test is scipy's binomial test") {
  for (const Json& entry : metrics_fixture().at("mcnemar")) {
    const auto first = entry[0].get<std::size_t>();
    const auto second = entry[1].get<std::size_t>();
    const double expected = entry[2].get<double>();
    CHECK(mcnemar_exact(first, second) == doctest::Approx(expected).epsilon(1e-8));
    CHECK(mcnemar_exact(second, first) == doctest::Approx(expected).epsilon(1e-8));
  }
  CHECK(mcnemar_exact(0, 5) == doctest::Approx(2.0 / 32));
}

TEST_CASE("the largest change of a score") {
  CHECK(largest_change(std::vector<float>{0.5F, 1}, std::vector<float>{0.75F, 0.5F}) == 0.5);
  CHECK(largest_change({}, {}) == 0);
}

}  // namespace
}  // namespace valence
