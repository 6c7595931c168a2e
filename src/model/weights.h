// The tensors of a model under our own names, checked as they are taken.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "backend/backend.h"
#include "base/tensor.h"

namespace valence {

class Weights {
 public:
  struct Entry {
    Tensor tensor;
    std::string name_in_file;  // for messages
  };

  // `origin` is the file's name, for messages.
  explicit Weights(std::string origin) : origin_(std::move(origin)) {}

  void add(std::string name, Entry entry) { entries_.insert_or_assign(std::move(name), entry); }
  // What a tensor is called in this file, should it be missing.
  void expect(std::string name, std::string name_in_file) {
    expected_.emplace(std::move(name), std::move(name_in_file));
  }
  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }
  bool has(std::string_view name) const { return entries_.contains(name); }
  const std::string& origin() const { return origin_; }

  // Rows of the position table before the one of the first token.
  std::int64_t position_offset() const { return position_offset_; }
  void set_position_offset(std::int64_t rows) { position_offset_ = rows; }

  // The tensor, which must have this shape; -1 lets a size be any, at least 1. Throws
  // Error(kCorrupt).
  const Tensor& get(std::string_view name, std::initializer_list<std::int64_t> shape) const;

 private:
  std::string origin_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::map<std::string, std::string, std::less<>> expected_;
  std::int64_t position_offset_ = 0;
};

// NAME.weight [out, in] and NAME.bias [out]: of a layer, and of what keeps the file's own values.
Linear load_layer_linear(const Weights& weights, const std::string& name, std::int64_t out,
                         std::int64_t in, const Backend& backend);
Linear load_linear(const Weights& weights, const std::string& name, std::int64_t out,
                   std::int64_t in, const Backend& backend);

// NAME.weight [size] and NAME.bias [size].
LayerNorm load_layer_norm(const Weights& weights, const std::string& name, std::int64_t size,
                          double epsilon, const Backend& backend);

}  // namespace valence
