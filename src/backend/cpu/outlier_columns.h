// Outlier channels (model/outliers.h) divided among several columns of a row in int8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "backend/cpu/kernels.h"

namespace valence::cpu {

// The copies of a channel's column stand behind all columns, beside each other.
class OutlierColumns {
 public:
  OutlierColumns() = default;
  // `outliers` as in Tensor, for a matrix of so many columns.
  OutlierColumns(std::span<const std::int32_t> outliers, std::int64_t columns);

  std::int64_t copies() const { return copies_; }
  bool empty() const { return copies_ == 0; }
  bool operator==(const OutlierColumns& other) const { return channels_ == other.channels_; }

  // Writes a row of weights and its copies.
  void copy(std::span<const float> weights, std::span<float> out) const;

  // The part of a column's value that stays in it; null where there are no outliers.
  const float* shares() const { return empty() ? nullptr : shares_.data(); }

  // Writes the outliers of x, rounded once and divided, into the bytes of a row that were quantized
  // with shares().
  void divide(std::span<const float> x, const Quantized& quantized, bool signed_bytes,
              std::span<std::byte> row) const;

 private:
  struct Channel {
    std::int32_t column;
    std::int32_t copies;
    std::int64_t first_copy;  // its column
    bool operator==(const Channel&) const = default;
  };

  std::vector<Channel> channels_;
  std::vector<float> shares_;
  std::int64_t copies_ = 0;
};

}  // namespace valence::cpu
