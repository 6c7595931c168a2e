// The pre-tokenizer of models with byte-level BPE that split by an expression of their own.
#pragma once

#include <string_view>

#include "base/json.h"

namespace valence {

inline Json split_by(std::string_view expression) {
  return {{"type", "Sequence"},
          {"pretokenizers",
           {{{"type", "Split"},
             {"pattern", {{"Regex", expression}}},
             {"behavior", "Isolated"},
             {"invert", false}},
            {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}}}};
}

}  // namespace valence
