// What the tests of file formats share: bytes by hand, and errors that must say the right thing.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "valence/error.h"

namespace valence {

inline std::span<const std::byte> bytes_of_text(std::string_view text) {
  return std::as_bytes(std::span(text));
}

template <typename T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// The call must throw an Error of this code whose message contains `part`.
inline void expect_error(ErrorCode code, const std::string& part,
                         const std::function<void()>& call) {
  CAPTURE(part);
  try {
    call();
    FAIL_CHECK("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.code() == code);
    const std::string message = error.what();
    CAPTURE(message);
    CHECK(message.find(part) != std::string::npos);
  }
}

// A folder that is removed again.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "valence-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path write(const std::string& name, std::string_view content) const {
    std::ofstream file(path_ / name, std::ios::binary);
    file << content;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

// A GGUF file put together piece by piece, so that each piece can be wrong.
struct GgufBytes {
  std::string magic = "GGUF";
  std::uint32_t version = 3;
  std::uint64_t extra_keys = 0;     // promised, not there
  std::uint64_t extra_tensors = 0;  // likewise
  std::string keys;
  std::string infos;
  std::string data;
  std::uint64_t key_count = 0;
  std::uint64_t tensor_count = 0;
  std::size_t alignment = 32;

  static std::string string(std::string_view text) {
    return raw(std::uint64_t{text.size()}) + std::string(text);
  }

  GgufBytes& key(std::string_view name, std::uint32_t type, const std::string& value) {
    keys += string(name) + raw(type) + value;
    ++key_count;
    return *this;
  }
  GgufBytes& u32(std::string_view name, std::uint32_t value) { return key(name, 4, raw(value)); }
  GgufBytes& f32(std::string_view name, float value) { return key(name, 6, raw(value)); }
  GgufBytes& boolean(std::string_view name, bool value) {
    return key(name, 7, std::string(1, value ? '\1' : '\0'));
  }
  GgufBytes& text(std::string_view name, std::string_view value) {
    return key(name, 8, string(value));
  }
  GgufBytes& texts(std::string_view name, const std::vector<std::string>& values) {
    std::string array = raw(std::uint32_t{8}) + raw(std::uint64_t{values.size()});
    for (const std::string& value : values) array += string(value);
    return key(name, 9, array);
  }
  template <typename T>
  GgufBytes& numbers(std::string_view name, std::uint32_t element, const std::vector<T>& values) {
    std::string array = raw(element) + raw(std::uint64_t{values.size()});
    for (const T value : values) array += raw(value);
    return key(name, 9, array);
  }

  // `dimensions` innermost first, as they lie in the file.
  GgufBytes& info(std::string_view name, const std::vector<std::uint64_t>& dimensions,
                  std::uint32_t type, std::uint64_t offset) {
    infos += string(name) + raw(static_cast<std::uint32_t>(dimensions.size()));
    for (const std::uint64_t size : dimensions) infos += raw(size);
    infos += raw(type) + raw(offset);
    ++tensor_count;
    return *this;
  }
  // An F32 tensor of zeros behind those before it.
  GgufBytes& zeros(std::string_view name, const std::vector<std::uint64_t>& dimensions) {
    std::size_t count = 1;
    for (const std::uint64_t size : dimensions) count *= size;
    info(name, dimensions, 0, data.size());
    data.append((count * 4 + alignment - 1) / alignment * alignment, '\0');
    return *this;
  }

  std::string bytes() const {
    std::string file = magic + raw(version) + raw(tensor_count + extra_tensors) +
                       raw(key_count + extra_keys) + keys + infos;
    file.append((alignment - file.size() % alignment) % alignment, '\0');
    return file + data;
  }
};

}  // namespace valence
