// tests/fixtures/metrics.json: rows with what the reference libraries count over them.
#pragma once

#include <vector>

#include "base/json.h"

namespace valence {

const Json& metrics_fixture();

template <typename T>
std::vector<T> values_of(const Json& list) {
  std::vector<T> values;
  for (const Json& value : list) values.push_back(value.get<T>());
  return values;
}

}  // namespace valence
