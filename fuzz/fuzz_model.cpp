// A whole model out of arbitrary bytes: what loads must also run.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/ragged_batch.h"
#include "format/gguf.h"
#include "format/gguf_model.h"
#include "model/architecture.h"
#include "text/tokenizer.h"
#include "valence/error.h"

namespace valence {
namespace {

// The ids of a text that the network has embeddings for, cut to its window.
Encoding usable(const Encoding& encoding, const NetworkShape& shape) {
  Encoding kept;
  for (std::size_t i = 0; i < encoding.size(); ++i) {
    const bool known = encoding.ids[i] < shape.vocabulary &&
                       (shape.token_types == 0 || encoding.type_ids[i] < shape.token_types);
    if (!known || static_cast<std::int64_t>(kept.size()) == shape.window) continue;
    kept.ids.push_back(encoding.ids[i]);
    kept.type_ids.push_back(encoding.type_ids[i]);
  }
  return kept;
}

void load_and_run(std::span<const std::byte> bytes) {
  const ModelFile file = gguf_to_model(parse_gguf(bytes, "fuzz"));
  const Tokenizer tokenizer(file.tokenizer);
  const Architecture& architecture = find_architecture(file);
  const Weights weights = find_weights(architecture, file);
  const std::unique_ptr<Backend> backend = make_backend("cpu");
  const std::unique_ptr<Network> network = architecture.load(config_of(file), weights, *backend);
  const Encoding tokens = tokenizer.tokenize("It is not good, abc!");
  const Encoding input =
      usable(tokenizer.with_specials(tokens, 0, tokens.size()), network->shape());
  if (input.size() == 0) return;
  RaggedBatch batch;
  batch.append(input.ids, input.type_ids);
  batch.append(input.ids, input.type_ids);
  const std::int64_t labels = network->shape().labels;
  std::vector<float> logits(static_cast<std::size_t>(2 * labels));
  network->logits(batch, {logits.data(), 2, labels}, *backend->make_workspace(), nullptr);
}

}  // namespace
}  // namespace valence

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    valence::load_and_run(std::as_bytes(std::span(data, size)));
  } catch (const valence::Error&) {  // refused, as it should be
  }
  return 0;
}
