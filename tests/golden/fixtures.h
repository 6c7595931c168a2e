// The models of tests/fixtures/models with what the reference framework says of them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "valence/classifier.h"

namespace valence {

struct Fixture {
  std::string name;
  std::filesystem::path folder;
  Json golden;
};

const std::vector<Fixture>& fixtures();

// Sanitizers look for other defects than wrong numbers, and are slow: their builds get every fifth
// entry of the fixtures' lists, all others every one.
Json every_nth(const Json& list);

// A classifier's raw output by label id for a text cut to its first window.
std::vector<double> logits_of(const Classifier& classifier, std::string_view text);

// Scores by label id.
std::vector<double> by_id(const Classification& answer);

double largest_difference(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace valence
