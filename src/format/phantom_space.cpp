#include "format/phantom_space.h"

namespace valence {
namespace {

constexpr std::string_view kSpace = "\u2581";
constexpr std::string_view kContinuation = "##";

bool is_bracketed(std::string_view token) {
  return token.size() > 2 && token.front() == '[' && token.back() == ']';
}

}  // namespace

std::string to_phantom_space(std::string_view token, bool control) {
  if (control || is_bracketed(token)) return std::string(token);
  if (token.starts_with(kContinuation)) return std::string(token.substr(kContinuation.size()));
  return std::string(kSpace) + std::string(token);
}

std::string from_phantom_space(std::string_view token, bool control) {
  if (control || is_bracketed(token)) return std::string(token);
  if (token.starts_with(kSpace)) return std::string(token.substr(kSpace.size()));
  return std::string(kContinuation) + std::string(token);
}

}  // namespace valence
