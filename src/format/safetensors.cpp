#include "format/safetensors.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/json.h"
#include "format/byte_reader.h"
#include "valence/error.h"

namespace valence {
namespace {

// The format's own limit: keeps a damaged length from asking for the whole file as JSON.
constexpr std::uint64_t kLargestHeader = 100'000'000;

struct NumberType {
  std::string_view name;
  std::int64_t bytes;
  std::optional<DType> read_as;
  bool expected = true;  // such tensors (masks, position ids) are no surprise beside weights
};

constexpr auto kNumberTypes = std::to_array<NumberType>({
    {"F32", 4, DType::kF32},
    {"F16", 2, DType::kF16},
    {"BF16", 2, DType::kBF16},
    {"F64", 8, std::nullopt, false},
    {"F8_E4M3", 1, std::nullopt, false},
    {"F8_E5M2", 1, std::nullopt, false},
    {"BOOL", 1, std::nullopt},
    {"U8", 1, std::nullopt},
    {"I8", 1, std::nullopt},
    {"U16", 2, std::nullopt},
    {"I16", 2, std::nullopt},
    {"U32", 4, std::nullopt},
    {"I32", 4, std::nullopt},
    {"U64", 8, std::nullopt},
    {"I64", 8, std::nullopt},
});

struct Extent {
  std::uint64_t begin;
  std::uint64_t end;
  std::string name;
};

std::vector<std::int64_t> read_shape(const JsonRef& json) {
  if (!json.is_array()) json.fail("expected an array of sizes");
  std::vector<std::int64_t> shape;
  shape.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i)
    shape.push_back(json.at(i).integer_in(0, INT64_MAX));
  return shape;
}

// Product of the shape, or nothing where its bytes would not fit 63 bits.
std::optional<std::int64_t> count_of(const std::vector<std::int64_t>& shape, std::int64_t bytes) {
  std::int64_t product = 1;
  std::int64_t total = 0;
  for (const std::int64_t size : shape)
    if (__builtin_mul_overflow(product, size, &product)) return std::nullopt;
  if (__builtin_mul_overflow(product, bytes, &total)) return std::nullopt;
  return product;
}

class Parser {
 public:
  Parser(std::span<const std::byte> bytes, std::string_view origin)
      : reader_(bytes, origin), origin_(origin) {}

  Safetensors parse() {
    const Json header = read_header();
    data_ = reader_.take(reader_.remaining(), "the tensors");
    for (const auto& [name, value] : header.items())
      if (name != "__metadata__") add(name, JsonRef(value, std::string(origin_) + ": " + name));
    check_extents();
    return std::move(result_);
  }

 private:
  Json read_header() {
    const auto length = reader_.read<std::uint64_t>("the length of the header");
    if (length > kLargestHeader)
      reader_.fail("a header of " + std::to_string(length) +
                   " bytes is more than the format allows; this is no safetensors file, or it is "
                   "damaged");
    const std::string_view text = reader_.take_text(length, "the header");
    Json header = parse_json(text, std::string(origin_) + ": header", DuplicateKeys::kError);
    if (!header.is_object())
      JsonRef(header, std::string(origin_) + ": header").fail("expected an object of tensors");
    return header;
  }

  void add(const std::string& name, const JsonRef& entry) {
    const std::string dtype = entry.at("dtype").string();
    const std::vector<std::int64_t> shape = read_shape(entry.at("shape"));
    const Extent extent = read_extent(name, entry.at("data_offsets"));
    const auto* type = std::find_if(kNumberTypes.begin(), kNumberTypes.end(),
                                    [&](const NumberType& known) { return known.name == dtype; });
    extents_.push_back(extent);
    if (type == kNumberTypes.end()) return leave_out(name, dtype, true);
    check_size(*type, shape, extent, entry);
    if (!type->read_as) return leave_out(name, dtype, !type->expected);
    const auto bytes = data_.subspan(extent.begin, extent.end - extent.begin);
    result_.tensors.emplace(name, Tensor{*type->read_as, shape, bytes});
  }

  Extent read_extent(const std::string& name, const JsonRef& json) const {
    if (json.size() != 2) json.fail("expected two offsets");
    const std::int64_t begin = json.at(std::size_t{0}).integer_in(0, INT64_MAX);
    const std::int64_t end = json.at(std::size_t{1}).integer_in(0, INT64_MAX);
    if (begin > end) corrupt(json.path(), "the tensor ends before it begins");
    if (static_cast<std::uint64_t>(end) > data_.size())
      corrupt(json.path(), "the tensor ends at byte " + std::to_string(end) +
                               " of the data, but the file holds only " +
                               std::to_string(data_.size()) +
                               "; it is cut off or damaged: fetch it again");
    return {static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(end), name};
  }

  static void check_size(const NumberType& type, const std::vector<std::int64_t>& shape,
                         const Extent& extent, const JsonRef& entry) {
    const auto count = count_of(shape, type.bytes);
    if (!count) corrupt(entry.path(), "the shape " + shape_text(shape) + " is too large");
    const auto held = static_cast<std::int64_t>(extent.end - extent.begin);
    if (held != *count * type.bytes)
      corrupt(entry.path(), "the shape " + shape_text(shape) + " of " + std::string(type.name) +
                                " needs " + std::to_string(*count * type.bytes) +
                                " bytes, but the offsets hold " + std::to_string(held));
  }

  void leave_out(const std::string& name, const std::string& dtype, bool worth_a_note) {
    result_.left_out.insert(name);
    if (worth_a_note && noted_.insert(dtype).second)
      result_.notes.push_back(std::string(origin_) + ": tensors of type " + dtype +
                              " are not read, the first is " + name);
  }

  // Tensors lie one after another without holes and fill the file.
  void check_extents() {
    std::sort(extents_.begin(), extents_.end(), [](const Extent& a, const Extent& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t end = 0;
    for (const Extent& extent : extents_) {
      const std::string path = std::string(origin_) + ": " + extent.name;
      if (extent.begin < end) corrupt(path, "the tensor overlaps the one before it");
      if (extent.begin > end)
        corrupt(path, std::to_string(extent.begin - end) + " unused bytes lie before the tensor");
      end = extent.end;
    }
    if (end != data_.size())
      corrupt(std::string(origin_),
              std::to_string(data_.size() - end) + " unused bytes lie behind the last tensor");
  }

  [[noreturn]] static void corrupt(const std::string& path, const std::string& what) {
    throw Error(ErrorCode::kCorrupt, path + ": " + what);
  }

  ByteReader reader_;
  std::string_view origin_;
  std::span<const std::byte> data_;
  std::vector<Extent> extents_;
  std::set<std::string> noted_;
  Safetensors result_;
};

}  // namespace

Safetensors parse_safetensors(std::span<const std::byte> bytes, std::string_view origin) {
  return Parser(bytes, origin).parse();
}

}  // namespace valence
