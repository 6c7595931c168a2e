#include "backend/cpu/outlier_columns.h"

#include <algorithm>
#include <map>

namespace valence::cpu {
namespace {

// To the nearest integer; what is no number of steps, in a row that is no number at all, to any.
std::int32_t rounded(float steps) {
  constexpr float kMost = 1 << 20;
  constexpr float kRounder = 3 << 22;  // 1.5 * 2^23: adding it rounds to an integer
  const float bounded = steps < kMost ? steps : kMost;
  return static_cast<std::int32_t>(((bounded > -kMost ? bounded : -kMost) + kRounder) - kRounder);
}

}  // namespace

OutlierColumns::OutlierColumns(std::span<const std::int32_t> outliers, std::int64_t columns)
    : shares_(outliers.empty() ? 0 : static_cast<std::size_t>(columns), 1.0F),
      copies_(static_cast<std::int64_t>(outliers.size())) {
  std::map<std::int32_t, std::int32_t> counts;
  for (const std::int32_t column : outliers) ++counts[column];
  channels_.reserve(counts.size());
  std::int64_t next = columns;
  for (const auto& [column, copies] : counts) {
    channels_.push_back({column, copies, next});
    shares_[column] = 1.0F / static_cast<float>(copies + 1);
    next += copies;
  }
}

void OutlierColumns::copy(std::span<const float> weights, std::span<float> out) const {
  std::copy(weights.begin(), weights.end(), out.begin());
  for (const Channel& channel : channels_)
    std::fill_n(&out[channel.first_copy], channel.copies, weights[channel.column]);
}

void OutlierColumns::divide(std::span<const float> x, const Quantized& quantized, bool signed_bytes,
                            std::span<std::byte> row) const {
  if (!(quantized.scale > 0)) return;  // all bytes are the zero
  const float inverse = 1 / quantized.scale;
  const std::int32_t low = signed_bytes ? -128 : 0;
  for (const Channel& channel : channels_) {
    const std::int32_t whole = rounded(x[channel.column] * inverse);
    // (whole + 1/2) / parts has the floor of whole / parts, and is no integer itself.
    const float parts = (static_cast<float>(whole) + 0.5F) * shares_[channel.column];
    const std::int32_t part = static_cast<std::int32_t>(parts) - (parts < 0 ? 1 : 0);
    const std::int32_t rest = whole - part * (channel.copies + 1);
    const std::int32_t base = part + quantized.zero;
    const auto byte = [&](std::int32_t i) {
      return static_cast<std::byte>(std::clamp(base + (i < rest ? 1 : 0), low, low + 255));
    };
    row[channel.column] = byte(0);
    for (std::int32_t i = 0; i < channel.copies; ++i) row[channel.first_copy + i] = byte(i + 1);
  }
}

}  // namespace valence::cpu
