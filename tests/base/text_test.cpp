// UTF-8, base64 and JSON.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "base/base64.h"
#include "base/json.h"
#include "base/utf8.h"
#include "valence/error.h"

namespace valence {
namespace {

using namespace std::string_literals;

std::vector<CodePoint> decode_all_points(std::string_view text) {
  std::vector<CodePoint> points;
  for (std::size_t pos = 0; pos < text.size(); pos += points.back().length)
    points.push_back(decode_utf8(text, pos));
  return points;
}

TEST_CASE("every scalar value survives the way through UTF-8") {
  for (char32_t value = 0; value <= 0x10FFFF; ++value) {
    if (value >= 0xD800 && value < 0xE000) continue;
    std::string text;
    append_utf8(text, value);
    const CodePoint point = decode_utf8(text, 0);
    if (point.value != value || point.length != text.size() || !is_valid_utf8(text))
      FAIL_CHECK("U+", static_cast<std::uint32_t>(value));
  }
}

TEST_CASE("what is no scalar value is written as U+FFFD") {
  for (const char32_t value : {char32_t{0xD800}, char32_t{0xDFFF}, char32_t{0x110000}}) {
    std::string text;
    append_utf8(text, value);
    CHECK(text == "\uFFFD");
  }
}

// The expected texts are bytes.decode("utf-8", "replace") of Python.
TEST_CASE("each maximal invalid part is replaced once, as in Python") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"\x80", "\uFFFD"},
      {"a\xFF"
       "b",
       "a\uFFFDb"},
      {"\xC0\xAF", "\uFFFD\uFFFD"},
      {"\xE0\x80\x80", "\uFFFD\uFFFD\uFFFD"},
      {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},
      {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},
      {"\xF5\x80", "\uFFFD\uFFFD"},
      {"\xE2\x82", "\uFFFD"},
      {"\xE2\x82x", "\uFFFDx"},
      {"\xF0\x9F\x98", "\uFFFD"},
      {"\xF0\x9F\x98\xF0\x9F\x98\x80", "\uFFFD\U0001F600"},
      {"\xC3", "\uFFFD"},
      {"\xC3\xC3\xA9", "\uFFFDé"},
      {"\xEF\xBF\xBD", "\uFFFD"},
  };
  for (const auto& [bytes, wanted] : cases) {
    CHECK(replace_invalid_utf8(bytes) == wanted);
    CHECK(is_valid_utf8(bytes) == (bytes == wanted));
    CHECK(decode_all_points(bytes).size() == decode_all_points(wanted).size());
  }
}

TEST_CASE("base64 is RFC 4648's, there and back") {
  const std::vector<std::pair<std::string, std::string>> vectors{{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    CHECK(encode_base64(bytes) == text);
    CHECK(decode_base64(text) == bytes);
  }
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  CHECK(decode_base64(encode_base64(every)) == every);
  CHECK(decode_base64("Zg") == "f");
  CHECK(decode_base64("Zg=g") == std::nullopt);
  CHECK(decode_base64("Z") == std::nullopt);
  CHECK(decode_base64("Zm9v\n") == std::nullopt);
}

std::string message_of(const std::string& text, const std::function<void(const JsonRef&)>& read) {
  const Json json = parse_json(text, "f.json");
  try {
    read(JsonRef(json, "f.json: "));
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kCorrupt);
    return error.what();
  }
  return "nothing was thrown";
}

TEST_CASE("a check that fails names the file and the path in it") {
  const auto at_ab = [](const JsonRef& json) { return json.at("a").at("b"); };
  CHECK(message_of(R"({"a":{"b":"x"}})", [&](const JsonRef& j) { at_ab(j).integer(); }) ==
        "f.json: /a/b: expected an integer, found string");
  CHECK(message_of(R"({"a":{"b":null}})", [&](const JsonRef& j) { at_ab(j).string(); }) ==
        "f.json: /a/b: expected a string, found null");
  CHECK(message_of(R"({"a":{}})", [&](const JsonRef& j) { at_ab(j); }) ==
        "f.json: /a: the member \"b\" is missing");
  CHECK(message_of(R"({"a":[1]})", [](const JsonRef& j) { j.at("a").at(std::size_t{1}); }) ==
        "f.json: /a: has 1 elements, number 1 is missing");
  CHECK(message_of(R"({"a":7})", [](const JsonRef& j) { j.at("a").integer_in(0, 6); }) ==
        "f.json: /a: 7 is not between 0 and 6");
  CHECK(message_of("[]", [](const JsonRef& j) { j.at("a"); }).find("expected an object") !=
        std::string::npos);
  CHECK(message_of("{}", [](const JsonRef& j) {
          j.at(std::size_t{0});
        }).find("expected an array") != std::string::npos);
  for (const char* number : {"1.0", "1e3", "18446744073709551615", "true", "\"1\""})
    CHECK(message_of("{\"a\":"s + number + "}", [](const JsonRef& j) {
            j.at("a").integer();
          }).find("expected an integer") != std::string::npos);
}

TEST_CASE("absent and null members give the fallback, others must fit") {
  const Json json = parse_json(R"({"s":"x","n":null,"i":3,"b":true,"d":0.5})", "f");
  const JsonRef ref(json, "f: ");
  CHECK(ref.string_or("s", "y") == "x");
  CHECK(ref.string_or("n", "y") == "y");
  CHECK(ref.string_or("absent", "y") == "y");
  CHECK(ref.integer_or("i", 1) == 3);
  CHECK(ref.integer_or("n", 1) == 1);
  CHECK(ref.boolean_or("b", false));
  CHECK(ref.number_or("d", 1) == 0.5);
  CHECK(ref.number_or("i", 1) == 3);
  CHECK(!ref.has("n"));
  CHECK(ref.has("i"));
  CHECK_THROWS_AS(ref.integer_or("s", 1), Error);
  CHECK_THROWS_AS(ref.boolean_or("i", false), Error);
}

TEST_CASE("text that is no JSON is an Error with the byte, never another exception") {
  for (const std::string& text :
       {""s, "{"s, "nul"s, "[1,]"s, "{\"a\" 1}"s, "\"\xFF\""s, "\"\\ud800\""s, "1 2"s, "\0"s}) {
    CAPTURE(text);
    try {
      parse_json(text, "f.json");
      FAIL_CHECK("nothing was thrown");
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find("f.json: not valid JSON at byte") == 0);
    }
  }
  CHECK_THROWS_AS(parse_json("[1e999]", "f.json"), Error);
}

TEST_CASE("JSON nested very deep neither crashes nor hangs") {
  const std::size_t depth = 200000;
  const Json json = parse_json(std::string(depth, '[') + std::string(depth, ']'), "f");
  CHECK(json.is_array());
  CHECK_THROWS_AS(parse_json(std::string(depth, '['), "f"), Error);
}

TEST_CASE("duplicate members are the last one's, or an error where asked") {
  const std::string text = R"({"a":{"x":1},"b":{"x":2,"x":3}})";
  CHECK(parse_json(text, "f").at("b").at("x") == 3);
  CHECK_THROWS_WITH_AS(parse_json(text, "f", DuplicateKeys::kError),
                       "f: the member \"x\" stands there twice", Error);
  CHECK_NOTHROW(parse_json(R"([{"x":1},{"x":[{"x":1}]}])", "f", DuplicateKeys::kError));
}

}  // namespace
}  // namespace valence
