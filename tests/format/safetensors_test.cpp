#include "format/safetensors.h"

#include <cstring>

#include "base/decode.h"
#include "format/support.h"

namespace valence {
namespace {

std::string file_of(const std::string& header, const std::string& data) {
  return raw(std::uint64_t{header.size()}) + header + data;
}

Safetensors parse(const std::string& file) {
  return parse_safetensors(bytes_of_text(file), "m.safetensors");
}

// One tensor "w" of two F32 and one "b" of one F16.
constexpr const char* kHeader =
    R"({"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
    R"("b":{"dtype":"F16","shape":[1],"data_offsets":[8,10]}})";
const std::string kData = raw(1.5F) + raw(-2.0F) + raw(std::uint16_t{0x3C00});

std::string tensor(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"w":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets +
         "}}";
}

TEST_CASE("a safetensors file gives its tensors without copying them") {
  const std::string file = file_of(kHeader, kData);
  const Safetensors parsed = parse(file);
  REQUIRE(parsed.tensors.size() == 2);
  const Tensor& w = parsed.tensors.at("w");
  CHECK(w.type == DType::kF32);
  CHECK(w.shape == std::vector<std::int64_t>{2, 1});
  CHECK(decode_all(w) == std::vector<float>{1.5F, -2.0F});
  CHECK(reinterpret_cast<const char*>(w.data.data()) == file.data() + 8 + std::strlen(kHeader));
  CHECK(decode_all(parsed.tensors.at("b")) == std::vector<float>{1.0F});
  CHECK(parsed.notes.empty());
}

TEST_CASE("a header may be padded with spaces and a file may hold no tensor") {
  CHECK(parse(file_of(std::string(kHeader) + "   ", kData)).tensors.size() == 2);
  CHECK(parse(file_of("{}", "")).tensors.empty());
}

TEST_CASE("tensors of no elements and of no dimensions are read") {
  CHECK(parse(file_of(tensor("F32", "[0,3]", "[0,0]"), "")).tensors.at("w").count() == 0);
  CHECK(parse(file_of(tensor("F32", "[]", "[0,4]"), raw(7.0F))).tensors.at("w").count() == 1);
}

TEST_CASE("integers are left out, other types with a note") {
  const Safetensors ids = parse(file_of(tensor("I64", "[1]", "[0,8]"), std::string(8, '\0')));
  CHECK(ids.tensors.empty());
  CHECK(ids.left_out.contains("w"));
  CHECK(ids.notes.empty());
  const Safetensors doubles = parse(file_of(tensor("F64", "[1]", "[0,8]"), std::string(8, '\0')));
  CHECK(doubles.left_out.contains("w"));
  REQUIRE(doubles.notes.size() == 1);
  CHECK(doubles.notes[0].find("F64") != std::string::npos);
  CHECK(parse(file_of(tensor("F4", "[2]", "[0,1]"), "x")).notes.size() == 1);
}

struct Broken {
  std::string what;
  std::string file;
  const char* part;  // of the message
};

std::vector<Broken> broken_files() {
  const std::string good = file_of(kHeader, kData);
  const std::string two = std::string(kHeader);
  const auto one = [](const char* dtype, const char* shape, const char* offsets) {
    return file_of(tensor(dtype, shape, offsets), std::string(8, '\0'));
  };
  return {
      {"cut inside the length", good.substr(0, 5), "the length of the header"},
      {"header longer than the file", raw(std::uint64_t{1000}) + "{}", "needs 1000 bytes"},
      {"header of absurd length", raw(UINT64_MAX) + "{}", "more than the format allows"},
      {"header just above the limit", raw(std::uint64_t{100'000'001}), "more than the format"},
      {"empty header", file_of("", ""), "not valid JSON"},
      {"header cut off", file_of(two.substr(0, 40), kData), "not valid JSON at byte"},
      {"header of invalid UTF-8", file_of("{\"\xFF\":1}", ""), "not valid JSON"},
      {"header with a huge number", file_of(R"({"w":1e999})", ""), "number is too large"},
      {"header no object", file_of("[1]", ""), "expected an object"},
      {"tensor no object", file_of(R"({"w":3})", ""), "expected an object"},
      {"no dtype", file_of(R"({"w":{"shape":[1],"data_offsets":[0,4]}})", raw(1.0F)),
       "\"dtype\" is missing"},
      {"dtype a number", file_of(R"({"w":{"dtype":1,"shape":[1],"data_offsets":[0,4]}})", "1234"),
       "/dtype: expected a string"},
      {"no shape", file_of(R"({"w":{"dtype":"F32","data_offsets":[0,4]}})", "1234"),
       "\"shape\" is missing"},
      {"no offsets", file_of(R"({"w":{"dtype":"F32","shape":[1]}})", "1234"),
       "\"data_offsets\" is missing"},
      {"shape no array", one("F32", "2", "[0,8]"), "expected an array"},
      {"negative size", one("F32", "[-2]", "[0,8]"), "-2 is not between"},
      {"fractional size", one("F32", "[2.0]", "[0,8]"), "expected an integer"},
      {"size above 63 bits", one("F32", "[18446744073709551615]", "[0,8]"), "expected an integer"},
      {"product overflows", one("F32", "[4294967296,4294967296]", "[0,8]"), "too large"},
      {"bytes overflow", one("F32", "[4611686018427387904]", "[0,8]"), "too large"},
      {"overflow to the right count", one("F32", "[2,9223372036854775807,2]", "[0,8]"),
       "too large"},
      {"one offset", one("F32", "[2]", "[8]"), "expected two offsets"},
      {"three offsets", one("F32", "[2]", "[0,8,8]"), "expected two offsets"},
      {"offsets an object", one("F32", "[2]", R"({"a":0,"b":8})"), "expected an array"},
      {"negative offset", one("F32", "[2]", "[-8,0]"), "-8 is not between"},
      {"offsets reversed", one("F32", "[2]", "[8,0]"), "ends before it begins"},
      {"offset beyond the file", one("F32", "[3]", "[0,12]"), "ends at byte 12"},
      {"too few bytes for the shape", one("F32", "[3]", "[0,8]"), "needs 12 bytes"},
      {"too many bytes for the shape", one("F16", "[3]", "[0,8]"), "needs 6 bytes"},
      {"integers of the wrong size", one("I64", "[2]", "[0,8]"), "needs 16 bytes"},
      {"data cut off", good.substr(0, good.size() - 1), "fetch it again"},
      {"bytes behind the data", good + "x", "1 unused bytes lie behind"},
      {"bytes before the data", one("F32", "[1]", "[4,8]"), "4 unused bytes lie before"},
      {"overlap",
       file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
               R"("b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
               std::string(12, '\0')),
       "overlaps"},
      {"the same name twice",
       file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
               R"("a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
               std::string(8, '\0')),
       "\"a\" stands there twice"},
      {"the same member twice",
       file_of(R"({"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "1234"),
       "\"dtype\" stands there twice"},
  };
}

TEST_CASE("broken safetensors files are refused with a message that says where") {
  for (const Broken& broken : broken_files()) {
    CAPTURE(broken.what);
    expect_error(ErrorCode::kCorrupt, broken.part, [&] { parse(broken.file); });
    expect_error(ErrorCode::kCorrupt, "m.safetensors", [&] { parse(broken.file); });
  }
}

TEST_CASE("a safetensors file cut at any byte is refused") {
  const std::string good = file_of(kHeader, kData);
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(parse(good.substr(0, size)), Error);
  }
}

}  // namespace
}  // namespace valence
