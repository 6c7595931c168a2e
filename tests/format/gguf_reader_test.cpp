#include <algorithm>

#include "base/decode.h"
#include "base/encode.h"
#include "base/mapped_file.h"
#include "format/gguf.h"
#include "format/support.h"

namespace valence {
namespace {

GgufFile parse(const std::string& bytes) {
  return parse_gguf(bytes_of_text(bytes), "m.gguf");
}

// Written by llama.cpp's own Python package: tests/fixtures/gguf/make_golden.py.
struct Golden {
  MappedFile mapped{std::string(VALENCE_FIXTURES) + "/gguf/golden.gguf"};
  GgufFile file = parse_gguf(mapped.bytes(), "golden.gguf");
};

TEST_CASE("every type of value is read as llama.cpp's package wrote it") {
  const Golden golden;
  const GgufMetadata& keys = golden.file.metadata;
  CHECK(keys.integer("v.u8") == 200);
  CHECK(keys.integer("v.i8") == -100);
  CHECK(keys.integer("v.u16") == 60000);
  CHECK(keys.integer("v.i16") == -30000);
  CHECK(keys.integer("v.u32") == 4000000000);
  CHECK(keys.integer("v.i32") == -2000000000);
  CHECK(keys.integer("v.i64") == -(std::int64_t{1} << 62));
  CHECK(keys.number("v.f32") == 0.1F);
  CHECK(keys.number("v.f64") == 0.1);
  CHECK(keys.number("v.u8") == 200);
  CHECK(keys.boolean("v.true") == true);
  CHECK(keys.boolean("v.false") == false);
  CHECK(keys.string("v.string") == "Größe 日本 🙂");
  REQUIRE(keys.strings("a.strings") != nullptr);
  CHECK(*keys.strings("a.strings") == std::vector<std::string_view>{"", "one", "zwei"});
  CHECK(keys.numbers("a.ints") == std::vector<double>{1, -2, 3});
  CHECK(keys.numbers("a.floats") == std::vector<double>{0.5, -1.5});
  CHECK(keys.has("a.nested"));
  CHECK(!keys.has("absent"));
  CHECK(keys.integer("absent") == std::nullopt);
  CHECK(keys.strings("absent") == nullptr);
}

TEST_CASE("a value of another kind than asked for is an error") {
  const Golden golden;
  const GgufMetadata& keys = golden.file.metadata;
  const auto expect = [](const char* part, const std::function<void()>& call) {
    expect_error(ErrorCode::kCorrupt, part, call);
  };
  expect("v.string: expected an integer, found string", [&] { keys.integer("v.string"); });
  expect("v.u64: expected an integer", [&] { keys.integer("v.u64"); });
  expect("v.f32: expected an integer, found f32", [&] { keys.integer("v.f32"); });
  expect("v.u8: expected a string, found u8", [&] { keys.string("v.u8"); });
  expect("v.u8: expected a bool", [&] { keys.boolean("v.u8"); });
  expect("a.ints: expected an array of strings, found array of i32",
         [&] { keys.strings("a.ints"); });
  expect("a.strings: expected an array of numbers", [&] { keys.numbers("a.strings"); });
  expect("a.nested: expected an array of numbers", [&] { keys.numbers("a.nested"); });
  expect("a.ints: expected an array of bytes", [&] { keys.bytes("a.ints"); });
  expect("v.u8: expected an array, found u8", [&] { keys.strings("v.u8"); });
  expect("the key absent is missing", [&] { keys.need_string("absent"); });
  expect("the key absent is missing", [&] { keys.need_size("absent"); });
  expect("v.i8: -100 is not between 1 and", [&] { keys.need_size("v.i8"); });
  expect("v.u32: 4000000000 is not between", [&] { keys.need_size("v.u32"); });
}

TEST_CASE("tensors lie in the file with their sizes outermost first") {
  const Golden golden;
  REQUIRE(golden.file.tensors.size() == 5);
  const Tensor& four = golden.file.tensors.at("four");
  CHECK(four.shape == std::vector<std::int64_t>{2, 3, 4, 1});
  const std::vector<float> values = decode_all(four);
  for (std::size_t i = 0; i < values.size(); ++i) CHECK(values[i] == static_cast<float>(i));
}

TEST_CASE("our quantisers give the same bytes as llama.cpp's package") {
  const Golden golden;
  const Tensor& source = golden.file.tensors.at("source");
  CHECK(source.shape == std::vector<std::int64_t>{6, 64});
  const std::vector<float> values = decode_all(source);
  for (const auto& entry : {std::pair{"f16", DType::kF16}, std::pair{"bf16", DType::kBF16},
                            std::pair{"q8_0", DType::kQ8_0}}) {
    const std::string name = entry.first;
    const DType type = entry.second;
    CAPTURE(name);
    const Tensor& wanted = golden.file.tensors.at(name);
    CHECK(wanted.type == type);
    CHECK(wanted.shape == source.shape);
    std::vector<std::byte> bytes(wanted.data.size());
    encode_elements(type, values, bytes);
    CHECK(std::equal(bytes.begin(), bytes.end(), wanted.data.begin(), wanted.data.end()));
  }
}

GgufBytes good() {
  return GgufBytes()
      .text("general.architecture", "bert")
      .texts("list", {"a", "b"})
      .boolean("flag", true)
      .zeros("first", {3, 2})
      .zeros("second", {5});
}

TEST_CASE("a file put together by hand is read") {
  const std::string bytes = good().bytes();
  const GgufFile file = parse(bytes);
  CHECK(file.metadata.string("general.architecture") == "bert");
  CHECK(file.tensors.at("first").shape == std::vector<std::int64_t>{2, 3});
  CHECK(file.tensors.at("second").shape == std::vector<std::int64_t>{5});
}

TEST_CASE("tensors of types that are not read are named, not dropped") {
  const GgufFile file = parse(GgufBytes().info("w", {256}, 12, 0).bytes() + std::string(144, 'x'));
  CHECK(file.tensors.empty());
  CHECK(file.unreadable.at("w") == "Q4_K");
}

struct Broken {
  std::string what;
  std::string bytes;
  std::string part;
  ErrorCode code = ErrorCode::kCorrupt;
};

// An array inside `depth` arrays of one element.
std::string nested(int depth) {
  std::string value;
  for (int i = 0; i < depth; ++i) value += raw(std::uint32_t{9}) + raw(std::uint64_t{1});
  return value + raw(std::uint32_t{4}) + raw(std::uint64_t{0});
}

GgufBytes with(const std::function<void(GgufBytes&)>& damage) {
  GgufBytes file = good();
  damage(file);
  return file;
}

std::vector<Broken> broken_heads() {
  const std::string whole = good().bytes();
  const auto version = [](std::uint32_t number) {
    return with([=](GgufBytes& f) { f.version = number; }).bytes();
  };
  return {
      {"nothing", "", "the magic needs 4 bytes"},
      {"another magic", with([](GgufBytes& f) { f.magic = "GGUf"; }).bytes(), "no GGUF file"},
      {"cut in the version", whole.substr(0, 6), "the version"},
      {"version 0", version(0), "version 0 is not read", ErrorCode::kUnsupported},
      {"version 1", version(1), "version 1 is not read", ErrorCode::kUnsupported},
      {"version 2", version(2), "version 2 is not read", ErrorCode::kUnsupported},
      {"version 4", version(4), "version 4 is not read", ErrorCode::kUnsupported},
      {"big-endian", version(0x03000000), "big-endian", ErrorCode::kUnsupported},
      {"cut in the counts", whole.substr(0, 12), "the number of tensors"},
      {"absurd number of keys", with([](GgufBytes& f) { f.extra_keys = 1ULL << 62; }).bytes(),
       "keys, more than it can hold"},
      {"absurd number of tensors", with([](GgufBytes& f) { f.extra_tensors = 1ULL << 62; }).bytes(),
       "tensors, more than it can hold"},
  };
}

std::vector<Broken> broken_keys() {
  const auto key = [](std::uint32_t type, const std::string& value) {
    return GgufBytes().key("k", type, value).bytes();
  };
  const auto array = [&](std::uint32_t element, std::uint64_t count) {
    return key(9, raw(element) + raw(count));
  };
  const auto alignment = [](std::uint32_t value) {
    return GgufBytes().u32("general.alignment", value).bytes();
  };
  GgufBytes long_key;
  long_key.keys = raw(std::uint64_t{1} << 60) + "key";
  long_key.key_count = 1;
  return {
      {"key longer than the file", long_key.bytes(), "a key needs 1152921504606846976 bytes"},
      {"key without a name", GgufBytes().u32("", 1).bytes(), "a key of 0 bytes"},
      {"key with a name too long", GgufBytes().u32(std::string(1025, 'k'), 1).bytes(),
       "a key of 1025 bytes"},
      {"unknown type", key(13, "x"), "unknown type 13"},
      {"absurd type", key(UINT32_MAX, "x"), "unknown type 4294967295"},
      {"string longer than the file", key(8, raw(UINT64_MAX) + "abc"),
       "k needs 18446744073709551615 bytes"},
      {"bool of 2", key(7, "\2"), "a bool with the value 2"},
      {"array of an unknown type", array(99, 0), "unknown type 99"},
      {"numbers beyond the file", array(4, 1ULL << 40), "promises 1099511627776 elements"},
      {"numbers whose size overflows", array(12, 1ULL << 61), "elements, more than the file"},
      {"strings beyond the file", array(8, 1ULL << 58), "elements, more than the file"},
      {"arrays beyond the file", array(9, 1ULL << 60), "elements, more than the file"},
      {"string in an array cut off",
       key(9, raw(std::uint32_t{8}) + raw(std::uint64_t{1}) + raw(std::uint64_t{1} << 50)),
       "k needs"},
      {"arrays too deep", key(9, nested(5)), "more than 4 deep"},
      {"the same key twice", GgufBytes().u32("k", 1).u32("k", 2).bytes(), "k stands there twice"},
      {"alignment 0", alignment(0), "general.alignment: 0 is no power of two"},
      {"alignment 24", alignment(24), "general.alignment: 24 is no power of two"},
      {"alignment too large", alignment(1U << 31), "is no power of two up to"},
      {"alignment a string", GgufBytes().text("general.alignment", "32").bytes(),
       "expected an integer"},
      {"keys promised and not there", with([](GgufBytes& f) { f.extra_keys = 1; }).bytes(), ""},
  };
}

std::vector<Broken> broken_tensors() {
  const auto info = [](const std::vector<std::uint64_t>& sizes, std::uint32_t type,
                       std::uint64_t offset) {
    return with([&](GgufBytes& f) { f.info("w", sizes, type, offset); }).bytes();
  };
  GgufBytes many = good();
  many.infos += GgufBytes::string("w") + raw(std::uint32_t{5});
  many.tensor_count++;
  const std::string whole = good().bytes();
  return {
      {"name empty", with([](GgufBytes& f) { f.info("", {1}, 0, 0); }).bytes(),
       "a tensor's name of 0 bytes"},
      {"the same tensor twice", with([](GgufBytes& f) { f.zeros("first", {1}); }).bytes(),
       "first stands there twice"},
      {"five dimensions", many.bytes(), "w has 5 dimensions"},
      {"dimension of 0", info({4, 0}, 0, 0), "a dimension of 0"},
      {"dimension above 63 bits", info({1ULL << 63}, 0, 0), "a dimension of 9223372036854775808"},
      {"product overflows", info({1ULL << 32, 1ULL << 32}, 0, 0), "too large"},
      {"bytes overflow", info({1ULL << 62}, 0, 0), "too large"},
      {"product wraps to a small number", info({1ULL << 62, 4, 1}, 0, 0), "too large"},
      {"unknown type", info({4}, 77, 0), "the unknown type 77"},
      {"removed type", info({32}, 4, 0), "the unknown type 4"},
      {"Q8_0 with a row of 33", info({33}, 8, 0), "no multiple of 32"},
      {"Q8_0 with rows of 16", info({16, 2}, 8, 0), "no multiple of 32"},
      {"offset between the alignments", info({4}, 0, 8), "no multiple of the alignment 32"},
      {"offset beyond the file", info({4}, 0, 1ULL << 40), "fetch it again"},
      {"offset that would wrap", info({8}, 0, UINT64_MAX - 31), "fetch it again"},
      {"two tensors at one place", info({4}, 0, 0), "overlaps another"},
      {"tensor inside another", with([](GgufBytes& f) {
                                  f.zeros("big", {64});
                                  f.info("inside", {4}, 0, 96);
                                }).bytes(),
       "overlaps another"},
      {"larger than the file", info({1ULL << 30}, 0, 64), "needs 4294967296 bytes"},
      {"last tensor cut off", whole.substr(0, whole.size() - 20), "tensor second: needs 20 bytes"},
      {"no data", whole.substr(0, whole.size() - 64), "tensor first: needs 24 bytes"},
      {"tensors promised and not there",
       GgufBytes(good()).bytes().replace(8, 8, raw(std::uint64_t{3})), ""},
  };
}

TEST_CASE("broken GGUF files are refused with a message that says where") {
  for (const auto& list : {broken_heads(), broken_keys(), broken_tensors()})
    for (const Broken& broken : list) {
      CAPTURE(broken.what);
      expect_error(broken.code, broken.part, [&] { parse(broken.bytes); });
      expect_error(broken.code, "m.gguf: ", [&] { parse(broken.bytes); });
    }
}

TEST_CASE("a GGUF file cut at any byte of its tensors or before is refused") {
  const std::string whole = good().bytes();
  const std::size_t padding = 12;  // behind the five floats of the last tensor
  for (std::size_t size = 0; size < whole.size() - padding; ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(parse(whole.substr(0, size)), Error);
  }
  CHECK_NOTHROW(parse(whole.substr(0, whole.size() - padding)));
}

}  // namespace
}  // namespace valence
