#include "model/weights.h"

#include <algorithm>
#include <vector>

#include "valence/error.h"

namespace valence {
namespace {

bool fits(const std::vector<std::int64_t>& found, std::initializer_list<std::int64_t> wanted) {
  return std::equal(found.begin(), found.end(), wanted.begin(), wanted.end(),
                    [](std::int64_t size, std::int64_t want) {
                      return size >= 1 && (want == -1 || size == want);
                    });
}

}  // namespace

const Tensor& Weights::get(std::string_view name, std::initializer_list<std::int64_t> shape) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) {
    const auto expected = expected_.find(name);
    throw Error(ErrorCode::kCorrupt,
                origin_ + ": the tensor " +
                    (expected == expected_.end() ? std::string(name) : expected->second) +
                    " is missing; the file is no whole classifier, or not of the architecture that "
                    "its config names");
  }
  const Tensor& tensor = found->second.tensor;
  if (!fits(tensor.shape, shape)) {
    std::string wanted = shape_text(std::span(shape.begin(), shape.size()));
    for (std::size_t at; (at = wanted.find("-1")) != std::string::npos;)
      wanted.replace(at, 2, "any");
    throw Error(ErrorCode::kCorrupt, origin_ + ": the tensor " + found->second.name_in_file +
                                         " has shape " + shape_text(tensor.shape) +
                                         ", but the config asks for " + wanted);
  }
  return tensor;
}

Linear load_layer_linear(const Weights& weights, const std::string& name, std::int64_t out,
                         std::int64_t in, const Backend& backend) {
  return {backend.load_layer_matrix(weights.get(name + ".weight", {out, in})),
          backend.load_vector(weights.get(name + ".bias", {out}))};
}

Linear load_linear(const Weights& weights, const std::string& name, std::int64_t out,
                   std::int64_t in, const Backend& backend) {
  return {backend.load_matrix(weights.get(name + ".weight", {out, in})),
          backend.load_vector(weights.get(name + ".bias", {out}))};
}

LayerNorm load_layer_norm(const Weights& weights, const std::string& name, std::int64_t size,
                          double epsilon, const Backend& backend) {
  return {backend.load_vector(weights.get(name + ".weight", {size})),
          backend.load_vector(weights.get(name + ".bias", {size})), static_cast<float>(epsilon)};
}

}  // namespace valence
