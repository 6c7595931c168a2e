#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "data/columns.h"
#include "data/json_object.h"
#include "data/tables.h"
#include "valence/error.h"

namespace valence {
namespace {

using namespace std::string_literals;
using Values = std::vector<std::string>;

TEST_CASE("an object is split into its members, values as they are written") {
  std::string error;
  const std::string text =
      R"( {"a" : 1.0,"b":12345678901234567890123, "c\u00e9" :{"x":[1,"}]"]} , "d":"q\"\\","e":null } )";
  const auto members = split_object(text, error);
  REQUIRE(members);
  REQUIRE(members->size() == 5);
  CHECK(members->at(0).value == "1.0");
  CHECK(members->at(1).value == "12345678901234567890123");
  CHECK(members->at(2).name == "c\u00e9");
  CHECK(members->at(2).value == R"({"x":[1,"}]"]})");
  CHECK(cell_of(members->at(2).value) == R"({"x":[1,"}]"]})");
  CHECK(cell_of(members->at(3).value) == "q\"\\");
  CHECK(cell_of(members->at(4).value).empty());
  CHECK(split_object("{}", error)->empty());
  CHECK(split_object("{ }", error)->empty());
}

TEST_CASE("texts that are not one object") {
  for (const char* text :
       {"", "{", "[1]", "3", "\"a\"", "{\"a\":1}}", "{\"a\":1} {}", "{\"a\":tru}", "{a:1}",
        "{\"a\":1,}", "{\"a\":1,\"a\":2}", "nul", "{\"a\":\"\x01\"}"}) {
    CAPTURE(text);
    std::string error;
    CHECK_FALSE(split_object(text, error));
    CHECK_FALSE(error.empty());
  }
}

TEST_CASE("a NUL byte is no end of the text") {
  std::string error;
  CHECK_FALSE(split_object("{\"a\": 1}\0"s, error));
  CHECK_FALSE(split_object("{\"a\": 1}\0}"s, error));
  CHECK(error == "not valid JSON: a NUL byte at byte 9");
}

TEST_CASE("JSON Lines") {
  const auto rows = read_table("jsonl",
                               "{\"id\": 1.0, \"text\": \"good \\u00e9\"}\n"
                               "\n"
                               "{\"id\": 2, \"text\": \"bad\"\r\n"
                               "{\"id\": 3}\n"
                               "{\"text\": 4}\r\n"
                               "{\"text\": null, \"other\": []}\n"
                               "  {\"text\":\"\xFF\"}  ");
  REQUIRE(rows.size() == 6);
  CHECK(rows[0].text == "good \u00e9");
  CHECK(rows[0].object == "{\"id\": 1.0, \"text\": \"good \\u00e9\"}");
  CHECK(rows[1].object.empty());
  CHECK(rows[1].line == 3);
  CHECK(rows[1].error ==
        "not valid JSON at byte 24; the line reads: {\"id\": 2, \"text\": \"bad\"");
  CHECK(rows[2].error == kNoText);
  CHECK(rows[3].error == "the text is not a string");
  CHECK(rows[4].error == kNoText);
  CHECK(rows[5].text == "\uFFFD");
  CHECK(rows[5].object == "{\"text\":\"\uFFFD\"}");
}

TEST_CASE("members as columns") {
  ReadOptions options;
  options.fixed_columns = true;
  const auto reader = reader_of("jsonl",
                                "oops\n"
                                "{\"b\": 1e2, \"text\": \"x\", \"n\": [1, 2]}\n"
                                "{\"text\": \"y\", \"b\": true}\n"
                                "{\"text\": \"z\", \"new\": 1}\n",
                                options);
  CHECK(reader->columns() == Values{"b", "text", "n"});
  const auto rows = read_all(*reader);
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].values == Values{"", "", ""});
  CHECK_FALSE(rows[0].error.empty());
  CHECK(rows[1].values == Values{"1e2", "x", "[1, 2]"});
  CHECK(rows[2].values == Values{"true", "y", ""});
  CHECK(rows[2].error.empty());
  CHECK(rows[3].error.find("\"new\"") != std::string::npos);
}

TEST_CASE("the member with the text") {
  CHECK(read_table("jsonl", "{\"id\":1,\"review\":\"a\"}\n").at(0).text == "a");
  ReadOptions options;
  options.text_column = "b";
  CHECK(read_table("jsonl", "{\"text\":\"a\",\"b\":\"c\"}\n", options).at(0).text == "c");
  options.text_column = "txt";
  CHECK_THROWS_WITH_AS(
      read_table("jsonl", "{\"text\":\"a\",\"b\":\"c\"}\n", options),
      "table: there is no column \"txt\"; the nearest is \"text\"; name one with --text-column; "
      "the columns are: text, b",
      Error);
}

TEST_CASE("members that would be added") {
  ReadOptions options;
  options.added = {"label", "error"};
  CHECK_THROWS_AS(read_table("jsonl", "{\"text\":\"a\",\"label\":1}\n", options), Error);
  const auto rows =
      read_table("jsonl", "{\"text\":\"a\"}\n{\"text\":\"b\",\"error\":1}\n", options);
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].object.empty());
  CHECK(rows[1].error.find("\"error\"") != std::string::npos);
}

TEST_CASE("a file that is no JSON Lines at all") {
  CHECK_THROWS_AS(read_table("jsonl", "id,text\n1,a\n"), Error);
  CHECK(read_table("jsonl", "").empty());
  CHECK(read_table("jsonl", "\n\n").empty());
}

TEST_CASE("plain lines") {
  const auto rows = read_table("lines", "\xEF\xBB\xBFone\r\n\n two \na\0b\nlast"s);
  REQUIRE(rows.size() == 5);
  CHECK(rows[0].text == "one");
  CHECK(rows[1].error == kNoText);
  CHECK(rows[2].text == " two ");
  CHECK_FALSE(rows[3].error.empty());
  CHECK(rows[4].text == "last");
  CHECK(rows[4].number == 5);
}

TEST_CASE("a line that is too long does not stop the rest") {
  const std::string huge(kMaxRowBytes + 70000, 'x');
  for (const char* format : {"lines", "jsonl"}) {
    const auto rows =
        read_table(format, "{\"text\":\"a\"}\n{\"text\":\"" + huge + "\"}\n{\"text\":\"b\"}\n");
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].error.empty());
    CHECK(rows[1].error.find("more than 16777216 bytes") != std::string::npos);
    CHECK(rows[2].error.empty());
  }
}

}  // namespace
}  // namespace valence
