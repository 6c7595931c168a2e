// Bytes handed out a few at a time, so that everything is torn apart somewhere.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "data/byte_source.h"

namespace valence {

class DripSource final : public ByteSource {
 public:
  DripSource(std::string_view bytes, std::size_t step) : bytes_(bytes), step_(step) {}

  std::size_t read(std::span<char> into) override {
    const std::size_t count = bytes_.copy(into.data(), std::min(step_, into.size()), consumed_);
    consumed_ += count;
    return count;
  }
  std::uint64_t consumed() const override { return consumed_; }
  std::uint64_t total() const override { return bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t step_;
  std::size_t consumed_ = 0;
};

}  // namespace valence
