// Two-dimensional views of memory that somebody else owns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace valence {

// `rows` x `cols` elements, consecutive rows `stride` elements apart (stride >= cols).
template <typename T>
struct MatrixView {
  T* data = nullptr;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t stride = 0;

  MatrixView() = default;
  MatrixView(T* start, std::int64_t row_count, std::int64_t col_count, std::int64_t row_stride)
      : data(start), rows(row_count), cols(col_count), stride(row_stride) {}
  MatrixView(T* start, std::int64_t row_count, std::int64_t col_count)
      : MatrixView(start, row_count, col_count, col_count) {}

  T* row(std::int64_t index) const { return data + index * stride; }
  std::span<T> row_span(std::int64_t index) const {
    return {row(index), static_cast<std::size_t>(cols)};
  }
  MatrixView columns(std::int64_t begin, std::int64_t count) const {
    return {data + begin, rows, count, stride};
  }
  MatrixView rows_from(std::int64_t begin, std::int64_t count) const {
    return {data + begin * stride, count, cols, stride};
  }
  // NOLINTNEXTLINE(google-explicit-constructor): a mutable view is a const view
  operator MatrixView<const T>() const { return {data, rows, cols, stride}; }
};

using Matrix = MatrixView<float>;
using ConstMatrix = MatrixView<const float>;

}  // namespace valence
