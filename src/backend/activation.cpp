#include "backend/activation.h"

#include <array>
#include <utility>

namespace valence {
namespace {

// The first name of each function is the one that we write.
constexpr std::array<std::pair<std::string_view, Activation>, 14> kNames{{
    {"gelu", Activation::kGelu},
    {"gelu_python", Activation::kGelu},
    {"gelu_new", Activation::kGeluTanh},
    {"gelu_fast", Activation::kGeluTanh},
    {"gelu_pytorch_tanh", Activation::kGeluTanh},
    {"gelu_accurate", Activation::kGeluTanh},
    {"quick_gelu", Activation::kQuickGelu},
    {"relu", Activation::kRelu},
    {"silu", Activation::kSilu},
    {"swish", Activation::kSilu},
    {"tanh", Activation::kTanh},
    {"sigmoid", Activation::kSigmoid},
    {"linear", Activation::kIdentity},
    {"identity", Activation::kIdentity},
}};

}  // namespace

std::optional<Activation> activation_from_name(std::string_view name) {
  for (const auto& [known, activation] : kNames)
    if (known == name) return activation;
  return std::nullopt;
}

std::string_view name_of(Activation activation) {
  for (const auto& [name, known] : kNames)
    if (known == activation) return name;
  return "?";
}

}  // namespace valence
