// export_hf MODEL FOLDER: writes any model that is read as a Hugging Face directory of F32 weights,
// from which the peers' models are made.
#include "model/export_hf.h"

#include <cstdint>
#include <deque>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/decode.h"
#include "format/model_file.h"
#include "model/architecture.h"
#include "valence/error.h"

namespace valence {
namespace {

const std::string kPositions = "position_embd.weight";

void export_model(const char* path, const char* folder) {
  ModelFile file = open_model_file(path);
  const Architecture& architecture = find_architecture(file);
  const Weights weights = find_weights(architecture, file);
  std::deque<std::vector<float>> values;  // that the tensors borrow
  std::map<std::string, Tensor, std::less<>> tensors;
  const auto add = [&](const std::string& name, std::vector<std::int64_t> shape,
                       std::vector<float> elements) {
    values.push_back(std::move(elements));
    tensors[name] = {DType::kF32, std::move(shape), std::as_bytes(std::span(values.back()))};
  };
  for (const auto& [name, entry] : weights.entries())
    add(name, entry.tensor.shape, decode_all(entry.tensor));
  // GGUF leaves out the positions before the first token's, and a shortened window's last ones.
  const std::int64_t missing =
      architecture.hf_position_offset(config_of(file)) - weights.position_offset();
  const Tensor& positions = tensors.at(kPositions);
  std::vector<float> table(static_cast<std::size_t>(missing * positions.shape.back()));
  const std::vector<float> known = decode_all(positions);
  table.insert(table.end(), known.begin(), known.end());
  const std::int64_t rows = positions.shape.front() + missing;
  add(kPositions, {rows, positions.shape.back()}, std::move(table));
  file.config["max_position_embeddings"] = rows;
  export_hf_directory(file, architecture, tensors, folder);
}

}  // namespace
}  // namespace valence

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: export_hf MODEL FOLDER\n";
    return 2;
  }
  try {
    valence::export_model(argv[1], argv[2]);
    return 0;
  } catch (const valence::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
