#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "data/json_writers.h"
#include "data/lines_writer.h"
#include "data/tables.h"

namespace valence {
namespace {

using namespace std::string_literals;
using Values = std::vector<std::string>;

LabeledRow labeled(Values values, std::string text) {
  LabeledRow row;
  row.row.values = std::move(values);
  row.row.text = std::move(text);
  row.answer.scores = {{1, "POSITIVE", 0.75F}, {0, "NEGATIVE", 0.25F}};
  row.answer.tokens = 5;
  row.answer.windows = 1;
  return row;
}

LabeledRow failed(Values values, std::string error) {
  LabeledRow row;
  row.row.values = std::move(values);
  row.row.error = std::move(error);
  return row;
}

std::string written(RowWriter& writer, const std::vector<LabeledRow>& rows) {
  std::string out;
  writer.begin(out);
  for (const LabeledRow& row : rows) writer.write(row, out);
  writer.end(out);
  return out;
}

std::string written(std::string_view format, WriteOptions options,
                    const std::vector<LabeledRow>& rows) {
  options.delimiter = row_format(format).delimiter;
  return written(*row_format(format).make_writer(std::move(options)), rows);
}

TEST_CASE("CSV and TSV quote what needs it") {
  WriteOptions options;
  options.columns = {"id", "a,b"};
  const std::vector<LabeledRow> rows{labeled({"1", "x\ty"}, "x"), labeled({"2", "l\n\"q\""}, "x"),
                                     failed({"3", ""}, "no, text")};
  CHECK(written("csv", options, rows) ==
        "id,\"a,b\",label,score,error\n"
        "1,x\ty,POSITIVE,0.750000,\n"
        "2,\"l\n\"\"q\"\"\",POSITIVE,0.750000,\n"
        "3,,,,\"no, text\"\n");
  options.header = false;
  CHECK(written("tsv", options, {rows[0]}) == "1\t\"x\ty\"\tPOSITIVE\t0.750000\t\n");
}

TEST_CASE("the columns that may be added") {
  AddedColumns added;
  added.top = 2;
  added.labels = {"NEGATIVE", "POSITIVE"};
  added.details = true;
  CHECK(added.names() == Values{"label", "score", "label_2", "score_2", "score_NEGATIVE",
                                "score_POSITIVE", "tokens", "windows", "truncated", "error"});
  Values texts;
  for (const AddedValue& value : added.values(labeled({}, "x"))) texts.push_back(value.text);
  CHECK(texts == Values{"POSITIVE", "0.750000", "NEGATIVE", "0.250000", "0.250000", "0.750000", "5",
                        "1", "false", ""});
  texts.clear();
  for (const AddedValue& value : added.values(failed({}, "why"))) texts.push_back(value.text);
  CHECK(texts == Values{"", "", "", "", "", "", "", "", "", "why"});
}

TEST_CASE("JSON Lines keeps the object that was read") {
  LabeledRow row = labeled({}, "x");
  row.row.object = "{\"n\": 1.0, \"big\":12345678901234567890, \"text\":\"x\" }";
  LabeledRow empty = failed({}, "the row has no text");
  empty.row.object = "{ }";
  CHECK(written("jsonl", {}, {row, empty, failed({}, "bad")}) ==
        "{\"n\": 1.0, \"big\":12345678901234567890, \"text\":\"x\", \"label\": \"POSITIVE\", "
        "\"score\": 0.750000, \"error\": null}\n"
        "{\"label\": null, \"score\": null, \"error\": \"the row has no text\"}\n"
        "{\"label\": null, \"score\": null, \"error\": \"bad\"}\n");
}

TEST_CASE("JSON Lines from a table") {
  WriteOptions options;
  options.columns = {"id", "text"};
  CHECK(written("jsonl", options, {labeled({"1", "a\"\n\xFF\0"s}, "x")}) ==
        "{\"id\": \"1\", \"text\": \"a\\\"\\n\uFFFD\\u0000\", \"label\": \"POSITIVE\", \"score\": "
        "0.750000, \"error\": null}\n");
}

TEST_CASE("the list that pipeline users know") {
  WriteOptions options;
  JsonListWriter one(options);
  CHECK(written(one, {labeled({}, "x")}) == "[{\"label\": \"POSITIVE\", \"score\": 0.75}]\n");
  JsonListWriter two(options);
  CHECK(written(two, {labeled({}, "x"), failed({}, "why")}) ==
        "[{\"label\": \"POSITIVE\", \"score\": 0.75}, {\"label\": null, \"score\": null, "
        "\"error\": \"why\"}]\n");
  JsonListWriter none(options);
  CHECK(written(none, {}) == "[]\n");
  options.top_given = true;
  JsonListWriter lists(options);
  CHECK(written(lists, {labeled({}, "x")}) ==
        "[[{\"label\": \"POSITIVE\", \"score\": 0.75}, {\"label\": \"NEGATIVE\", \"score\": "
        "0.25}]]\n");
}

TEST_CASE("readable lines") {
  WriteOptions options;
  options.labels = {"NEGATIVE", "POSITIVE", "MIXED"};
  LabeledRow row = labeled({}, "two\nlines\x1b[31m and a long tail");
  CHECK(written("lines", options, {row}) == "POSITIVE  0.7500  two lines [31m and a long tail\n");
  options.width = 36;
  CHECK(written("lines", options, {row}) == "POSITIVE  0.7500  two lines [31m ...\n");
  options.width = 5;
  CHECK(written("lines", options, {row}) == "POSITIVE  0.7500  two lin...\n");
  options.width = 30;
  row.row.text = "\u597d\u597d\u597d\u597d\u597d\u597d\u597d";  // each is two columns wide
  CHECK(written("lines", options, {row}) == "POSITIVE  0.7500  \u597d\u597d\u597d\u597d...\n");
  row.row.text = "\u597d\u597d\u597d\u597d\u597d\u597d";
  CHECK(written("lines", options, {row}) ==
        "POSITIVE  0.7500  \u597d\u597d\u597d\u597d\u597d\u597d\n");
  options.width = 0;
  CHECK(written("lines", options, {failed({}, "the row has no text")}) ==
        "error          -  the row has no text\n");
  options.added.top = 2;
  options.colour = true;
  CHECK(written("lines", options, {row}) ==
        "\x1b[1mPOSITIVE\x1b[0m  0.7500  NEGATIVE\x1b[0m  0.2500  "
        "\u597d\u597d\u597d\u597d\u597d\u597d\n");
}

TEST_CASE("scores") {
  CHECK(format_score(0.9999996F) == "1.000000");
  CHECK(format_score(1e-9F) == "0.000000");
  CHECK(format_score(-12.5F) == "-12.500000");
}

}  // namespace
}  // namespace valence
