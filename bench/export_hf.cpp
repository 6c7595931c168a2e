// export_hf MODEL FOLDER: writes any model that is read as a Hugging Face directory of F32 weights,
// from which the peers' models are made.
#include "model/export_hf.h"

#include <deque>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "base/decode.h"
#include "format/model_file.h"
#include "model/architecture.h"
#include "valence/error.h"

namespace valence {
namespace {

void export_model(const char* path, const char* folder) {
  ModelFile file = open_model_file(path);
  const Architecture& architecture = find_architecture(file);
  const Weights weights = find_weights(architecture, file);
  std::deque<std::vector<float>> values;  // that the tensors borrow
  std::map<std::string, Tensor, std::less<>> tensors;
  for (const auto& [name, entry] : weights.entries()) {
    values.push_back(decode_all(entry.tensor));
    tensors[name] = {DType::kF32, entry.tensor.shape, std::as_bytes(std::span(values.back()))};
  }
  // A file with a shortened window has fewer positions than its config says.
  const Tensor& positions = tensors.at("position_embd.weight");
  file.config["max_position_embeddings"] =
      positions.shape.front() + architecture.hf_position_offset(config_of(file));
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
