#include "data/labelled_rows.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "valence/error.h"

namespace valence {
namespace {

using Labels = std::vector<std::string>;

// A file that is there as long as the test.
class Table {
 public:
  Table(const std::string& name, std::string_view bytes)
      : path_(std::filesystem::temp_directory_path() / ("labelled_rows_" + name)) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~Table() { std::filesystem::remove(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

LabelledRows read(const std::string& name, std::string_view bytes,
                  const LabelledReadOptions& options = {}) {
  const Table table(name, bytes);
  return read_labelled_rows(table.path(), options);
}

TEST_CASE("rows that cannot be used are counted, the first is named") {
  const LabelledRows found =
      read("a.csv", "text,label\ngood, pos \n,neg\nbad,\n\"two\nlines\",neg\n");
  REQUIRE(found.rows.size() == 2);
  CHECK(found.rows[0].text == "good");
  CHECK(found.rows[0].labels == Labels{"pos"});
  CHECK(found.rows[1].text == "two\nlines");
  CHECK(found.rows[1].line == 5);
  CHECK(found.unusable == 2);
  CHECK(found.first_problem == "line 3: the row has no text");
}

TEST_CASE("a label map renames, merges, drops and refuses") {
  LabelledReadOptions options;
  options.label_column = "stars";
  options.label_map = parse_label_map("1=negative,2 = negative,3=,5=positive");
  const LabelledRows found =
      read("b.jsonl",
           "{\"stars\":1,\"text\":\"a\"}\n{\"stars\":3,\"text\":\"b\"}\n{\"stars\":\"positive\","
           "\"text\":\"c\"}\n{\"stars\":4,\"text\":\"d\"}\n",
           options);
  REQUIRE(found.rows.size() == 2);
  CHECK(found.rows[0].labels == Labels{"negative"});
  CHECK(found.rows[1].labels == Labels{"positive"});
  CHECK(found.dropped == 1);
  CHECK(found.unusable == 1);
  CHECK(found.first_problem == "line 4: the label \"4\" is not in the label map");
}

TEST_CASE("label maps are read with escapes, and refused where they are wrong") {
  const LabelMap map = parse_label_map("a\\,b=x\\=y,c=d=e");
  CHECK(map.at("a,b") == "x=y");
  CHECK(map.at("c") == "d=e");
  CHECK_THROWS_WITH_AS(parse_label_map("a"), doctest::Contains("has no ="), Error);
  CHECK_THROWS_WITH_AS(parse_label_map("a=b,a=c"), doctest::Contains("twice"), Error);
}

TEST_CASE("a cell may hold several labels, or none") {
  CHECK(split_labels("[\"a b\", \"c\"]") == Labels{"a b", "c"});
  CHECK(split_labels("a, x|b, y") == Labels{"a", "x|b", "y"});
  CHECK(split_labels(" a ; b ;") == Labels{"a", "b"});
  CHECK(split_labels("").empty());
  CHECK(split_labels("[]").empty());
  LabelledReadOptions options;
  options.several = true;
  const LabelledRows found = read("c.csv", "text,label\nx,a|b\ny,\n", options);
  REQUIRE(found.rows.size() == 2);
  CHECK(found.rows[0].labels == Labels{"a", "b"});
  CHECK(found.rows[1].labels.empty());
}

TEST_CASE("files that cannot be read say why") {
  CHECK_THROWS_WITH_AS(read("d.csv", "text,labels\na,b\n"), doctest::Contains("--label-column"),
                       Error);
  CHECK_THROWS_WITH_AS(read("e.bin", "text,label\n"), doctest::Contains("--input-format"), Error);
  CHECK_THROWS_AS(read_labelled_rows("/nowhere/x.csv", {}), Error);
}

}  // namespace
}  // namespace valence
