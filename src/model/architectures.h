// The rows of kArchitectures: one a file of this folder, or several where only names differ.
#pragma once

#include <array>

#include "model/architecture.h"

namespace valence {

extern const Architecture kBert;
extern const Architecture kDistilBert;
extern const Architecture kRoberta;
extern const Architecture kXlmRoberta;
extern const Architecture kCamembert;
extern const Architecture kElectra;
extern const Architecture kAlbert;

// The names that BERT's code gave to a layer's tensors; many descendants kept them.
inline constexpr auto kBertLayerNames = std::to_array<NamePair>({
    {"attn_q", "attention.self.query"},
    {"attn_k", "attention.self.key"},
    {"attn_v", "attention.self.value"},
    {"attn_output", "attention.output.dense"},
    {"attn_output_norm", "attention.output.LayerNorm"},
    {"ffn_up", "intermediate.dense"},
    {"ffn_down", "output.dense"},
    {"layer_output_norm", "output.LayerNorm"},
});

}  // namespace valence
