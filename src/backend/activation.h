// The activation functions that models name in their configs.
#pragma once

#include <optional>
#include <string_view>

namespace valence {

enum class Activation {
  kIdentity,
  kGelu,       // x * Phi(x), with the error function
  kGeluTanh,   // 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
  kQuickGelu,  // x * sigmoid(1.702 x)
  kRelu,
  kSilu,
  kTanh,
  kSigmoid,
};

// The name as Hugging Face configs spell it ("gelu", "gelu_new", ...).
std::optional<Activation> activation_from_name(std::string_view name);
std::string_view name_of(Activation activation);

}  // namespace valence
