#include <array>
#include <cstring>

#include "format/gguf.h"
#include "valence/error.h"

namespace valence {
namespace {

struct TypeRow {
  std::string_view name;
  std::size_t bytes;
};

// By GgufType.
constexpr auto kTypes = std::to_array<TypeRow>({{"u8", 1},
                                                {"i8", 1},
                                                {"u16", 2},
                                                {"i16", 2},
                                                {"u32", 4},
                                                {"i32", 4},
                                                {"f32", 4},
                                                {"bool", 1},
                                                {"string", 0},
                                                {"array", 0},
                                                {"u64", 8},
                                                {"i64", 8},
                                                {"f64", 8}});

template <typename T>
double read_as(const std::byte* data) {
  T value;
  std::memcpy(&value, data, sizeof(T));
  return static_cast<double>(value);
}

double read_number(GgufType type, const std::byte* data) {
  switch (type) {
    case GgufType::kU8:
      return read_as<std::uint8_t>(data);
    case GgufType::kI8:
      return read_as<std::int8_t>(data);
    case GgufType::kU16:
      return read_as<std::uint16_t>(data);
    case GgufType::kI16:
      return read_as<std::int16_t>(data);
    case GgufType::kU32:
      return read_as<std::uint32_t>(data);
    case GgufType::kI32:
      return read_as<std::int32_t>(data);
    case GgufType::kF32:
      return read_as<float>(data);
    case GgufType::kU64:
      return read_as<std::uint64_t>(data);
    case GgufType::kI64:
      return read_as<std::int64_t>(data);
    case GgufType::kF64:
      return read_as<double>(data);
    default:
      return 0;
  }
}

bool is_number(GgufType type) {
  return size_of(type) != 0 && type != GgufType::kBool;
}

}  // namespace

std::string_view name_of(GgufType type) {
  return kTypes[static_cast<std::size_t>(type)].name;
}

std::size_t size_of(GgufType type) {
  return kTypes[static_cast<std::size_t>(type)].bytes;
}

bool GgufMetadata::add(std::string_view key, GgufValue value) {
  return values_.emplace(key, std::move(value)).second;
}

const GgufValue* GgufMetadata::find(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

const GgufArray* GgufMetadata::find_array(std::string_view key) const {
  const GgufValue* found = find(key);
  if (found == nullptr) return nullptr;
  const auto* array = std::get_if<GgufArray>(&found->value);
  if (array == nullptr) fail_type(key, "an array", *found);
  return array;
}

void GgufMetadata::fail(std::string_view key, std::string_view what) const {
  throw Error(ErrorCode::kCorrupt, origin_ + ": " + std::string(key) + ": " + std::string(what));
}

void GgufMetadata::fail_type(std::string_view key, std::string_view wanted,
                             const GgufValue& found) const {
  std::string type(name_of(found.type));
  if (const auto* array = std::get_if<GgufArray>(&found.value))
    type += " of " + std::string(name_of(array->element));
  fail(key, "expected " + std::string(wanted) + ", found " + type);
}

void GgufMetadata::fail_missing(std::string_view key) const {
  throw Error(ErrorCode::kCorrupt, origin_ + ": the key " + std::string(key) + " is missing");
}

std::optional<std::string> GgufMetadata::string(std::string_view key) const {
  const GgufValue* found = find(key);
  if (found == nullptr) return std::nullopt;
  const auto* text = std::get_if<std::string_view>(&found->value);
  if (text == nullptr) fail_type(key, "a string", *found);
  return std::string(*text);
}

std::optional<bool> GgufMetadata::boolean(std::string_view key) const {
  const GgufValue* found = find(key);
  if (found == nullptr) return std::nullopt;
  const auto* value = std::get_if<bool>(&found->value);
  if (value == nullptr) fail_type(key, "a bool", *found);
  return *value;
}

std::optional<std::int64_t> GgufMetadata::integer(std::string_view key) const {
  const GgufValue* found = find(key);
  if (found == nullptr) return std::nullopt;
  if (const auto* value = std::get_if<std::int64_t>(&found->value)) return *value;
  const auto* value = std::get_if<std::uint64_t>(&found->value);
  if (value == nullptr || *value > INT64_MAX) fail_type(key, "an integer", *found);
  return static_cast<std::int64_t>(*value);
}

std::optional<double> GgufMetadata::number(std::string_view key) const {
  const GgufValue* found = find(key);
  if (found == nullptr) return std::nullopt;
  if (const auto* value = std::get_if<double>(&found->value)) return *value;
  return static_cast<double>(*integer(key));
}

const std::vector<std::string_view>* GgufMetadata::strings(std::string_view key) const {
  const GgufArray* array = find_array(key);
  if (array == nullptr) return nullptr;
  if (array->element != GgufType::kString) fail_type(key, "an array of strings", *find(key));
  return &array->strings;
}

std::optional<std::vector<double>> GgufMetadata::numbers(std::string_view key) const {
  const GgufArray* array = find_array(key);
  if (array == nullptr) return std::nullopt;
  if (!is_number(array->element)) fail_type(key, "an array of numbers", *find(key));
  std::vector<double> values(array->count);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = read_number(array->element, array->numbers.data() + i * size_of(array->element));
  return values;
}

std::optional<std::string> GgufMetadata::bytes(std::string_view key) const {
  const GgufArray* array = find_array(key);
  if (array == nullptr) return std::nullopt;
  if (array->element != GgufType::kI8 && array->element != GgufType::kU8)
    fail_type(key, "an array of bytes", *find(key));
  return std::string(reinterpret_cast<const char*>(array->numbers.data()), array->numbers.size());
}

std::string GgufMetadata::need_string(std::string_view key) const {
  const auto value = string(key);
  if (!value) fail_missing(key);
  return *value;
}

std::int64_t GgufMetadata::need_size(std::string_view key) const {
  const auto value = integer(key);
  if (!value) fail_missing(key);
  if (*value < 1 || *value > INT32_MAX)
    fail(key, std::to_string(*value) + " is not between 1 and " + std::to_string(INT32_MAX));
  return *value;
}

const std::vector<std::string_view>& GgufMetadata::need_strings(std::string_view key) const {
  const auto* value = strings(key);
  if (value == nullptr) fail_missing(key);
  return *value;
}

}  // namespace valence
