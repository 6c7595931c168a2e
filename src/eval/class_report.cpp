#include "eval/class_report.h"

namespace valence {
namespace {

double ratio(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

ClassReport class_report(std::size_t true_positives, std::size_t predicted, std::size_t support) {
  return {ratio(true_positives, predicted), ratio(true_positives, support),
          ratio(2 * true_positives, predicted + support), support, predicted};
}

}  // namespace valence
