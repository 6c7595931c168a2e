#include <algorithm>
#include <array>
#include <bit>
#include <set>

#include "format/byte_reader.h"
#include "format/gguf.h"

namespace valence {
namespace {

// Nothing in use nests arrays; the limit keeps a damaged file from exhausting the stack.
constexpr int kDeepestArray = 4;
constexpr std::uint32_t kMostDimensions = 4;
constexpr std::uint64_t kLongestName = 1024;  // of a key or tensor

struct TensorType {
  std::uint32_t number;
  std::string_view name;
  std::int64_t block;  // elements
  std::int64_t bytes;  // of a block
  std::optional<DType> read_as = std::nullopt;
};

constexpr auto kTensorTypes = std::to_array<TensorType>({
    {0, "F32", 1, 4, DType::kF32},
    {1, "F16", 1, 2, DType::kF16},
    {2, "Q4_0", 32, 18},
    {3, "Q4_1", 32, 20},
    {6, "Q5_0", 32, 22},
    {7, "Q5_1", 32, 24},
    {8, "Q8_0", kQ8Block, kQ8BlockBytes, DType::kQ8_0},
    {9, "Q8_1", 32, 40},
    {10, "Q2_K", 256, 84},
    {11, "Q3_K", 256, 110},
    {12, "Q4_K", 256, 144},
    {13, "Q5_K", 256, 176},
    {14, "Q6_K", 256, 210},
    {15, "Q8_K", 256, 292},
    {16, "IQ2_XXS", 256, 66},
    {17, "IQ2_XS", 256, 74},
    {18, "IQ3_XXS", 256, 98},
    {19, "IQ1_S", 256, 50},
    {20, "IQ4_NL", 32, 18},
    {21, "IQ3_S", 256, 110},
    {22, "IQ2_S", 256, 82},
    {23, "IQ4_XS", 256, 136},
    {24, "I8", 1, 1},
    {25, "I16", 1, 2},
    {26, "I32", 1, 4},
    {27, "I64", 1, 8},
    {28, "F64", 1, 8},
    {29, "IQ1_M", 256, 56},
    {30, "BF16", 1, 2, DType::kBF16},
    {34, "TQ1_0", 256, 54},
    {35, "TQ2_0", 256, 66},
    {39, "MXFP4", 32, 17},
    {40, "NVFP4", 64, 36},
    {41, "Q1_0", 128, 18},
});

struct TensorInfo {
  std::string name;
  const TensorType* type = nullptr;
  std::vector<std::int64_t> shape;  // outermost first
  std::uint64_t offset = 0;         // from the start of the data
  std::uint64_t bytes = 0;
};

class Parser {
 public:
  Parser(std::span<const std::byte> bytes, const std::string& origin)
      : bytes_(bytes), reader_(bytes, origin), file_(origin) {}

  GgufFile parse() {
    read_magic();
    const auto tensors = reader_.read<std::uint64_t>("the number of tensors");
    const auto keys = reader_.read<std::uint64_t>("the number of keys");
    // A key takes at least 13 bytes, a tensor 24.
    if (keys > reader_.remaining() / 13)
      reader_.fail("the file promises " + std::to_string(keys) + " keys, more than it can hold");
    for (std::uint64_t i = 0; i < keys; ++i) read_key();
    if (tensors > reader_.remaining() / 24)
      reader_.fail("the file promises " + std::to_string(tensors) +
                   " tensors, more than it can hold");
    read_alignment();
    const std::uint64_t infos = reader_.position();
    for (std::uint64_t i = 0; i < tensors; ++i) read_info();
    file_.layout.tensors = tensors;
    file_.layout.infos = since(infos);
    if (!infos_.empty()) place_tensors();
    return std::move(file_);
  }

 private:
  std::span<const std::byte> since(std::uint64_t begin) const {
    return bytes_.subspan(begin, reader_.position() - begin);
  }

  void read_magic() {
    if (reader_.take_text(kGgufMagic.size(), "the magic") != kGgufMagic)
      reader_.fail("this is no GGUF file: it does not begin with GGUF");
    const auto version = reader_.read<std::uint32_t>("the version");
    if (version == kGgufVersion) return;
    if ((version & 0xFFFFU) == 0 && version != 0)
      reader_.fail("a GGUF file for big-endian machines is not read; convert the model again",
                   ErrorCode::kUnsupported);
    reader_.fail("GGUF version " + std::to_string(version) +
                     " is not read, only version 3; convert the model again",
                 ErrorCode::kUnsupported);
  }

  std::string_view read_string(std::string_view what) {
    const auto length = reader_.read<std::uint64_t>("a string's length");
    return reader_.take_text(length, what);
  }

  std::string_view read_name(std::string_view what) {
    const std::string_view name = read_string(what);
    if (name.empty() || name.size() > kLongestName)
      reader_.fail(std::string(what) + " of " + std::to_string(name.size()) + " bytes");
    return name;
  }

  GgufType read_type(std::string_view key) {
    const auto number = reader_.read<std::uint32_t>("a type");
    if (number > static_cast<std::uint32_t>(GgufType::kF64))
      reader_.fail("the key " + std::string(key) + " has the unknown type " +
                   std::to_string(number));
    return static_cast<GgufType>(number);
  }

  void read_key() {
    const std::uint64_t begin = reader_.position();
    const std::string_view key = read_name("a key");
    const GgufType type = read_type(key);
    if (!file_.metadata.add(key, read_value(type, key)))
      reader_.fail("the key " + std::string(key) + " stands there twice");
    file_.layout.keys.push_back({key, since(begin)});
  }

  GgufValue read_value(GgufType type, std::string_view key) {
    switch (type) {
      case GgufType::kU8:
        return {type, std::uint64_t{reader_.read<std::uint8_t>(key)}};
      case GgufType::kI8:
        return {type, std::int64_t{reader_.read<std::int8_t>(key)}};
      case GgufType::kU16:
        return {type, std::uint64_t{reader_.read<std::uint16_t>(key)}};
      case GgufType::kI16:
        return {type, std::int64_t{reader_.read<std::int16_t>(key)}};
      case GgufType::kU32:
        return {type, std::uint64_t{reader_.read<std::uint32_t>(key)}};
      case GgufType::kI32:
        return {type, std::int64_t{reader_.read<std::int32_t>(key)}};
      case GgufType::kF32:
        return {type, double{reader_.read<float>(key)}};
      case GgufType::kU64:
        return {type, reader_.read<std::uint64_t>(key)};
      case GgufType::kI64:
        return {type, reader_.read<std::int64_t>(key)};
      case GgufType::kF64:
        return {type, reader_.read<double>(key)};
      case GgufType::kBool:
        return {type, read_bool(key)};
      case GgufType::kString:
        return {type, read_string(key)};
      case GgufType::kArray:
        return {type, read_array(key, 1)};
    }
    return {};
  }

  bool read_bool(std::string_view key) {
    const auto value = reader_.read<std::uint8_t>(key);
    if (value > 1)
      reader_.fail("the key " + std::string(key) + " is a bool with the value " +
                   std::to_string(value));
    return value == 1;
  }

  GgufArray read_array(std::string_view key, int depth) {
    if (depth > kDeepestArray)
      reader_.fail("the key " + std::string(key) + " has arrays in arrays, more than " +
                   std::to_string(kDeepestArray) + " deep");
    GgufArray array;
    array.element = read_type(key);
    const auto count = reader_.read<std::uint64_t>("an array's length");
    const std::size_t size = size_of(array.element);
    // A string takes at least 8 bytes, an array 12.
    const std::size_t least = size != 0 ? size : array.element == GgufType::kString ? 8 : 12;
    if (count > reader_.remaining() / least)
      reader_.fail("the array " + std::string(key) + " promises " + std::to_string(count) +
                   " elements, more than the file can hold; it is cut off or damaged");
    array.count = count;
    if (size != 0) {
      array.numbers = reader_.take(count * size, key);
    } else if (array.element == GgufType::kString) {
      array.strings.reserve(count);
      for (std::uint64_t i = 0; i < count; ++i) array.strings.push_back(read_string(key));
    } else {
      for (std::uint64_t i = 0; i < count; ++i) read_array(key, depth + 1);
    }
    return array;
  }

  void read_alignment() {
    const auto value = file_.metadata.integer("general.alignment").value_or(kGgufAlignment);
    if (value < 1 || value > (1 << 20) || !std::has_single_bit(static_cast<std::uint64_t>(value)))
      file_.metadata.fail("general.alignment",
                          std::to_string(value) + " is no power of two up to 2^20");
    file_.layout.alignment = static_cast<std::uint64_t>(value);
  }

  void read_info() {
    TensorInfo info;
    info.name = read_name("a tensor's name");
    if (!names_.insert(info.name).second)
      reader_.fail("the tensor " + info.name + " stands there twice");
    const auto dimensions = reader_.read<std::uint32_t>("a number of dimensions");
    if (dimensions > kMostDimensions)
      reader_.fail("the tensor " + info.name + " has " + std::to_string(dimensions) +
                   " dimensions, more than " + std::to_string(kMostDimensions));
    for (std::uint32_t i = 0; i < dimensions; ++i) {
      const auto size = reader_.read<std::uint64_t>("a dimension");
      if (size == 0 || size > INT64_MAX)
        reader_.fail("the tensor " + info.name + " has a dimension of " + std::to_string(size));
      info.shape.insert(info.shape.begin(), static_cast<std::int64_t>(size));
    }
    info.type = read_tensor_type(info.name);
    info.bytes = bytes_in_file(info);
    info.offset = reader_.read<std::uint64_t>("a tensor's offset");
    if (info.offset % file_.layout.alignment != 0)
      reader_.fail("the tensor " + info.name + " lies at " + std::to_string(info.offset) +
                   ", which is no multiple of the alignment " +
                   std::to_string(file_.layout.alignment));
    infos_.push_back(std::move(info));
  }

  const TensorType* read_tensor_type(const std::string& name) {
    const auto number = reader_.read<std::uint32_t>("a tensor's type");
    const auto* type = std::find_if(kTensorTypes.begin(), kTensorTypes.end(),
                                    [&](const TensorType& row) { return row.number == number; });
    if (type == kTensorTypes.end())
      reader_.fail("the tensor " + name + " has the unknown type " + std::to_string(number));
    return type;
  }

  std::uint64_t bytes_in_file(const TensorInfo& info) const {
    std::int64_t count = 1;
    std::int64_t bytes = 0;
    bool overflow = false;
    for (const std::int64_t size : info.shape)
      overflow = overflow || __builtin_mul_overflow(count, size, &count);
    overflow = overflow || __builtin_mul_overflow(count, info.type->bytes, &bytes);
    if (overflow)
      reader_.fail("the tensor " + info.name + " has the shape " + shape_text(info.shape) +
                   ", which is too large");
    const std::int64_t row = info.shape.empty() ? 1 : info.shape.back();
    if (row % info.type->block != 0)
      reader_.fail("the tensor " + info.name + " of type " + std::string(info.type->name) +
                   " has rows of " + std::to_string(row) + ", no multiple of " +
                   std::to_string(info.type->block));
    return static_cast<std::uint64_t>(count / info.type->block * info.type->bytes);
  }

  void place_tensors() {
    const std::uint64_t alignment = file_.layout.alignment;
    const std::uint64_t padding = (alignment - reader_.position() % alignment) % alignment;
    reader_.take(padding, "the padding before the tensors");
    const auto data = reader_.take(reader_.remaining(), "the tensors");
    file_.layout.data = data;
    std::sort(infos_.begin(), infos_.end(), [](const TensorInfo& a, const TensorInfo& b) {
      return std::pair(a.offset, a.bytes) < std::pair(b.offset, b.bytes);
    });
    std::uint64_t end = 0;
    for (const TensorInfo& info : infos_) {
      check_place(info, end, data.size());
      end = info.offset + info.bytes;
      if (info.type->read_as) {
        file_.tensors.emplace(info.name, Tensor{*info.type->read_as, info.shape,
                                                data.subspan(info.offset, info.bytes)});
      } else {
        file_.unreadable.emplace(info.name, info.type->name);
      }
    }
  }

  void check_place(const TensorInfo& info, std::uint64_t previous_end, std::uint64_t size) const {
    const std::string name = "tensor " + info.name;
    if (info.offset < previous_end) file_.metadata.fail(name, "overlaps another tensor");
    if (info.offset > size || info.bytes > size - info.offset)
      file_.metadata.fail(name, "needs " + std::to_string(info.bytes) + " bytes at " +
                                    std::to_string(info.offset) + " of the data, but there are " +
                                    std::to_string(size) +
                                    "; the file is cut off or damaged: fetch it again");
  }

  std::span<const std::byte> bytes_;
  ByteReader reader_;
  GgufFile file_;
  std::set<std::string> names_;
  std::vector<TensorInfo> infos_;
};

}  // namespace

GgufFile parse_gguf(std::span<const std::byte> bytes, const std::string& origin) {
  return Parser(bytes, origin).parse();
}

}  // namespace valence
