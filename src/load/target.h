// Where load goes, and what a request of each protocol looks like.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace valence::load {

struct Url {
  bool tls = false;
  std::string host;
  std::uint16_t port = 80;
  std::string path;  // "/" where the URL names none
};

// "http://127.0.0.1:8080/path", "https://host". Throws Error(kInvalidArgument).
Url parse_url(const std::string& text);

// A row of the table of protocols.
struct RequestShape {
  std::string_view name;  // "tei", "vllm", "infinity", "hf", "kserve"
  std::string (*path)(const std::string& model);
  std::string (*body)(const std::string& model, std::span<const std::string> texts);
};
std::span<const RequestShape> request_shapes();

// By name. Throws Error(kInvalidArgument) listing the names.
const RequestShape& request_shape(std::string_view name);

}  // namespace valence::load
