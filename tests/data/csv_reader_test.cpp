#include "data/csv_reader.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "data/columns.h"
#include "data/drip_source.h"
#include "data/tables.h"
#include "valence/error.h"

namespace valence {
namespace {

using namespace std::string_literals;
using Values = std::vector<std::string>;

ErrorCode error_code(std::string_view bytes, const ReadOptions& options = {}) {
  try {
    read_table("csv", bytes, options);
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("no error");
  return ErrorCode::kInternal;
}

std::string message(std::string_view bytes, const ReadOptions& options = {}) {
  try {
    read_table("csv", bytes, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Each of these tables has the same two rows.
TEST_CASE("the ways to write the same table") {
  const std::vector<std::string> tables{
      "id,text\n1,good\n2,bad\n",
      "id,text\n1,good\n2,bad",
      "id,text\r\n1,good\r\n2,bad\r\n",
      "id,text\r1,good\r2,bad\r",
      "\xEF\xBB\xBFid,text\n1,good\n2,bad\n",
      "\"id\",\"text\"\n\"1\",\"good\"\n\"2\",\"bad\"",
      "\n\nid,text\n\n1,good\r\n\r\n2,bad\n\n",
  };
  for (const std::string& table : tables) {
    CAPTURE(table);
    const std::vector<Row> rows = read_table("csv", table);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].values == Values{"1", "good"});
    CHECK(rows[0].text == "good");
    CHECK(rows[1].values == Values{"2", "bad"});
    CHECK(rows[1].number == 2);
    CHECK(rows[0].error.empty());
    CHECK(rows[1].error.empty());
  }
}

TEST_CASE("quoted fields keep delimiters, quotes, line breaks and spaces") {
  const auto rows = read_table("csv",
                               "id,text\n"
                               " 1 ,\"a, \"\"b\"\"\r\nc\nd\re \"\n"
                               "2,  say \"hi\"  \n"
                               "3,\"\"\"\"\n");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].values == Values{" 1 ", "a, \"b\"\r\nc\nd\re "});
  CHECK(rows[1].values == Values{"2", "  say \"hi\"  "});
  CHECK(rows[1].line == 6);
  CHECK(rows[2].text == "\"");
}

TEST_CASE("a text without letters has an error, and keeps its values") {
  const auto rows = read_table("csv", "id,text\n1,\n2,\" \n\"\n3,x\n");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].error == kNoText);
  CHECK(rows[1].error == kNoText);
  CHECK(rows[1].values == Values{"2", " \n"});
  CHECK(rows[2].error.empty());
}

TEST_CASE("a row with the wrong number of fields has an error that quotes it") {
  const auto rows = read_table("csv", "id,text\n1\n2,a,b\n3,c\n");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].error == "the row has 1 field, the table 2 columns; the row reads: 1");
  CHECK(rows[0].values == Values{"1", ""});
  CHECK(contains(rows[1].error, "3 fields"));
  CHECK(contains(rows[1].error, "2,a,b"));
  CHECK(rows[2].text == "c");
}

TEST_CASE("a quote that is not closed spoils its line only") {
  const auto rows = read_table("csv",
                               "id,text\n"
                               "1,\"open\n"
                               "2,plain\n"
                               "3,\"quoted, well\"\n"
                               "4,\"then\" junk\n"
                               "5,fine\n"
                               "6,\"open to the end\n"
                               "7,last\n");
  REQUIRE(rows.size() == 7);
  CHECK(rows[0].error == "a quoted field is followed by other text; the line reads: 1,\"open");
  CHECK(rows[1].values == Values{"2", "plain"});
  CHECK(rows[2].values == Values{"3", "quoted, well"});
  CHECK(contains(rows[3].error, "4,\"then\" junk"));
  CHECK(rows[4].text == "fine");
  CHECK(rows[5].error == "a quote is not closed; the line reads: 6,\"open to the end");
  CHECK(rows[6].values == Values{"7", "last"});
  CHECK(rows[6].line == 8);
}

TEST_CASE("bytes that are no text") {
  const auto rows = read_table("csv", "id,text\n1,a\0b\n2,\xFF\xC3\n3,c\n"s);
  REQUIRE(rows.size() == 3);
  CHECK(contains(rows[0].error, "NUL"));
  CHECK(rows[0].values == Values{"1", "a\0b"s});
  CHECK(rows[1].error.empty());
  CHECK(rows[1].values == Values{"2", "\xFF\xC3"});
  CHECK(rows[2].text == "c");
}

TEST_CASE("lines and rows that are too long") {
  const std::string huge(kMaxRowBytes + 10, 'x');
  auto rows = read_table("csv", "id,text\n1," + huge + "\n2,b\n");
  REQUIRE(rows.size() == 2);
  CHECK(contains(rows[0].error, "more than 16777216 bytes"));
  CHECK(rows[0].error.size() < 500);
  CHECK(rows[1].text == "b");
  CHECK(rows[1].line == 3);

  const std::string line = "7," + std::string(4093, 's') + "\n";
  std::string long_row = "id,text\n1,\"start\n";
  for (std::size_t i = 0; i <= kMaxRowBytes / line.size(); ++i) long_row += line;
  rows = read_table("csv", long_row);
  REQUIRE(rows.size() == kMaxRowBytes / line.size() + 2);
  CHECK(contains(rows[0].error, "1,\"start"));
  CHECK(rows.back().text == std::string(4093, 's'));

  const std::string just_fits(kMaxRowBytes - 4, 'y');
  rows = read_table("csv", "id,text\n1," + just_fits + "\n");
  CHECK(rows.at(0).text == just_fits);
}

TEST_CASE("a file full of open quotes ends with an error, not with hours of looking ahead") {
  // Each of these lines closes the quote before it and opens the next.
  const std::string line = "a\",\"" + std::string(1000, 'b') + "\n";
  std::string table = "a,text\n1,\"b\n";
  for (int i = 0; i < 20'000; ++i) table += line;
  const std::string what = message(table);
  CHECK(contains(what, "too many quotes"));
}

TEST_CASE("rows do not depend on how the bytes arrive") {
  const std::string table =
      "\xEF\xBB\xBFid,text\r\n1,\"a\r\n\"\"b\"\r\n2,x\"y\r\n3,\"bad\"z\r\n4\r\n5,\"open\r\n6,q";
  const auto whole = read_table("csv", table);
  REQUIRE(whole.size() == 6);
  for (const std::size_t step : {1, 2, 3, 7}) {
    ReadOptions options;
    CsvReader reader(std::make_unique<DripSource>(table, step), options);
    const auto rows = read_all(reader);
    REQUIRE(rows.size() == whole.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CHECK(rows[i].values == whole[i].values);
      CHECK(rows[i].error == whole[i].error);
      CHECK(rows[i].line == whole[i].line);
    }
  }
}

TEST_CASE("the text column by name, by default, or the only one") {
  ReadOptions named;
  named.text_column = "body";
  CHECK(read_table("csv", "text,body\na,b\n", named).at(0).text == "b");
  CHECK(read_table("csv", "text,body\na,b\n").at(0).text == "a");
  CHECK(read_table("csv", "review\na\n").at(0).text == "a");

  named.text_column = "reviw";
  const std::string what = message("id,Review,stars\n1,a,2\n", named);
  CHECK(what ==
        "table: there is no column \"reviw\"; the nearest is \"Review\"; name one with "
        "--text-column; the columns are: id, Review, stars");
  CHECK(error_code("id,Review\n1,a\n") == ErrorCode::kNotFound);
  CHECK(error_code("text,text\n1,a\n") == ErrorCode::kInvalidArgument);
  CHECK(contains(message("id;text\n1;a\n"), "--delimiter \";\""));
}

TEST_CASE("a table without a header") {
  ReadOptions options;
  options.header = false;
  options.text_column = "2";
  const auto reader = reader_of("csv", "1,good\n2,bad\n", options);
  CHECK(reader->columns() == Values{"1", "2"});
  const auto rows = read_all(*reader);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].text == "good");
  CHECK(rows[1].text == "bad");
}

TEST_CASE("streams that are no table") {
  CHECK(error_code("") == ErrorCode::kCorrupt);
  CHECK(error_code("\n\n") == ErrorCode::kCorrupt);
  CHECK(error_code("id,\"text\n1,a\n") == ErrorCode::kCorrupt);
  CHECK(error_code("\xFF\xFEi\0d\0"s) == ErrorCode::kUnsupported);
  CHECK(read_table("csv", "text\n").empty());
  ReadOptions options;
  options.added = {"label", "score", "error"};
  CHECK(error_code("text,label\na,b\n", options) == ErrorCode::kInvalidArgument);
}

TEST_CASE("TSV") {
  const auto rows = read_table("tsv", "id\ttext\n1\ta, b\n2\t\"c\td\"\n");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].text == "a, b");
  CHECK(rows[1].text == "c\td");
}

TEST_CASE("edit distance") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("Text", "text") == 0);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

}  // namespace
}  // namespace valence
