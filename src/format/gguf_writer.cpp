#include "format/gguf_writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/atomic_file.h"
#include "format/byte_writer.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr std::int64_t kElementsAtOnce = 65536;  // a multiple of every block

std::uint64_t align(std::uint64_t position) {
  return (position + kGgufAlignment - 1) / kGgufAlignment * kGgufAlignment;
}

std::uint32_t number_of(DType type) {
  switch (type) {
    case DType::kF32:
      return 0;
    case DType::kF16:
      return 1;
    case DType::kQ8_0:
      return 8;
    case DType::kBF16:
      return 30;
  }
  return 0;
}

void pad(AtomicFile& file) {
  static constexpr std::array<std::byte, kGgufAlignment> kZeros{};
  file.write(std::span(kZeros).first(align(file.size()) - file.size()));
}

}  // namespace

void GgufWriter::begin_key(std::string_view key, GgufType type) {
  append_string(metadata_, key);
  append(metadata_, static_cast<std::uint32_t>(type));
  ++keys_;
}

void GgufWriter::begin_array(std::string_view key, GgufType element, std::size_t count) {
  begin_key(key, GgufType::kArray);
  append(metadata_, static_cast<std::uint32_t>(element));
  append(metadata_, std::uint64_t{count});
}

void GgufWriter::add_u32(std::string_view key, std::uint32_t value) {
  begin_key(key, GgufType::kU32);
  append(metadata_, value);
}

void GgufWriter::add_f32(std::string_view key, float value) {
  begin_key(key, GgufType::kF32);
  append(metadata_, value);
}

void GgufWriter::add_bool(std::string_view key, bool value) {
  begin_key(key, GgufType::kBool);
  append(metadata_, static_cast<std::uint8_t>(value ? 1 : 0));
}

void GgufWriter::add_string(std::string_view key, std::string_view value) {
  begin_key(key, GgufType::kString);
  append_string(metadata_, value);
}

void GgufWriter::add_strings(std::string_view key, std::span<const std::string> values) {
  begin_array(key, GgufType::kString, values.size());
  for (const std::string& value : values) append_string(metadata_, value);
}

void GgufWriter::add_i8s(std::string_view key, std::string_view bytes) {
  begin_array(key, GgufType::kI8, bytes.size());
  metadata_ += bytes;
}

void GgufWriter::add_i32s(std::string_view key, std::span<const std::int32_t> values) {
  begin_array(key, GgufType::kI32, values.size());
  append_all(metadata_, values);
}

void GgufWriter::add_f32s(std::string_view key, std::span<const float> values) {
  begin_array(key, GgufType::kF32, values.size());
  append_all(metadata_, values);
}

void GgufWriter::add_f64s(std::string_view key, std::span<const double> values) {
  begin_array(key, GgufType::kF64, values.size());
  append_all(metadata_, values);
}

void GgufWriter::add_tensor(std::string_view name, DType type, std::span<const std::int64_t> shape,
                            Fill fill) {
  const Tensor tensor{type, {shape.begin(), shape.end()}, {}};
  const bool whole_blocks =
      type != DType::kQ8_0 || (!shape.empty() && shape.back() % kQ8Block == 0);
  if (shape.size() > 4 || tensor.count() < 1 || !whole_blocks)
    throw Error(ErrorCode::kInvalidArgument, "the tensor " + std::string(name) + " of shape " +
                                                 shape_text(shape) + " cannot be written as " +
                                                 std::string(name_of(type)) + " into a GGUF file");
  append_string(infos_, name);
  append(infos_, static_cast<std::uint32_t>(shape.size()));
  for (auto size = shape.rbegin(); size != shape.rend(); ++size)
    append(infos_, static_cast<std::uint64_t>(*size));
  append(infos_, number_of(type));
  append(infos_, offset_);
  offset_ = align(offset_ + static_cast<std::uint64_t>(bytes_of(type, tensor.count())));
  tensors_.push_back({type, tensor.count(), std::move(fill)});
}

void GgufWriter::write(const std::filesystem::path& path) const {
  AtomicFile file(path);
  std::string head(kGgufMagic);
  append(head, kGgufVersion);
  append(head, std::uint64_t{tensors_.size()});
  append(head, keys_);
  file.write(head);
  file.write(metadata_);
  file.write(infos_);
  pad(file);
  std::vector<std::byte> buffer;
  for (const Entry& tensor : tensors_) {
    for (std::int64_t begin = 0; begin < tensor.count; begin += kElementsAtOnce) {
      const std::int64_t count = std::min(kElementsAtOnce, tensor.count - begin);
      buffer.resize(static_cast<std::size_t>(bytes_of(tensor.type, count)));
      tensor.fill(begin, buffer);
      file.write(std::span<const std::byte>(buffer));
    }
    pad(file);
  }
  file.commit();
}

}  // namespace valence
