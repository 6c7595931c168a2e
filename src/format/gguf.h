// GGUF version 3 as a container: typed metadata and tensors. What they mean is gguf_model's
// business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/tensor.h"

namespace valence {

inline constexpr std::uint32_t kGgufVersion = 3;
inline constexpr std::uint32_t kGgufAlignment = 32;  // unless general.alignment says otherwise
inline constexpr std::string_view kGgufMagic = "GGUF";

// The numbers are the file's.
enum class GgufType : std::uint32_t {
  kU8,
  kI8,
  kU16,
  kI16,
  kU32,
  kI32,
  kF32,
  kBool,
  kString,
  kArray,
  kU64,
  kI64,
  kF64,
};

std::string_view name_of(GgufType type);
std::size_t size_of(GgufType type);  // bytes of a number or bool, 0 for strings and arrays

struct GgufArray {
  GgufType element = GgufType::kU8;
  std::size_t count = 0;
  std::span<const std::byte> numbers;     // where the elements are numbers
  std::vector<std::string_view> strings;  // where they are strings
};

struct GgufValue {
  GgufType type = GgufType::kU8;
  std::variant<std::uint64_t, std::int64_t, double, bool, std::string_view, GgufArray> value;
};

// Values by key. An absent key gives nothing; one of another kind throws Error(kCorrupt).
class GgufMetadata {
 public:
  explicit GgufMetadata(std::string origin) : origin_(std::move(origin)) {}

  bool add(std::string_view key, GgufValue value);  // false: the key is there already
  bool has(std::string_view key) const { return values_.contains(key); }
  const std::string& origin() const { return origin_; }

  std::optional<std::string> string(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<std::int64_t> integer(std::string_view key) const;  // of any width
  std::optional<double> number(std::string_view key) const;         // integers included
  const std::vector<std::string_view>* strings(std::string_view key) const;
  std::optional<std::vector<double>> numbers(std::string_view key) const;
  std::optional<std::string> bytes(std::string_view key) const;  // an array of I8 or U8

  // The same for keys that must be there.
  std::string need_string(std::string_view key) const;
  std::int64_t need_size(std::string_view key) const;  // an integer from 1 to 2^31 - 1
  const std::vector<std::string_view>& need_strings(std::string_view key) const;

  [[noreturn]] void fail(std::string_view key, std::string_view what) const;

 private:
  const GgufValue* find(std::string_view key) const;
  const GgufArray* find_array(std::string_view key) const;
  [[noreturn]] void fail_type(std::string_view key, std::string_view wanted,
                              const GgufValue& found) const;
  [[noreturn]] void fail_missing(std::string_view key) const;

  std::string origin_;
  std::map<std::string_view, GgufValue> values_;
};

// Where the parts of a file lie: what a change of its metadata copies as it is.
struct GgufLayout {
  struct Key {
    std::string_view name;
    std::span<const std::byte> bytes;  // name, type and value
  };
  std::vector<Key> keys;             // in the file's order
  std::uint64_t tensors = 0;         // how many
  std::span<const std::byte> infos;  // names, shapes and places of the tensors
  std::span<const std::byte> data;   // what the places count from, to the end of the file
  std::uint64_t alignment = kGgufAlignment;
};

struct GgufFile {
  explicit GgufFile(std::string origin) : metadata(std::move(origin)) {}

  GgufMetadata metadata;
  std::map<std::string, Tensor, std::less<>> tensors;
  // Tensors of types that are not read: name and type, "Q4_K".
  std::map<std::string, std::string, std::less<>> unreadable;
  GgufLayout layout;
};

// Everything returned borrows from `bytes`. `origin` is the file's name, for messages. Throws
// Error: kCorrupt, kUnsupported (another version or byte order).
GgufFile parse_gguf(std::span<const std::byte> bytes, const std::string& origin);

}  // namespace valence
