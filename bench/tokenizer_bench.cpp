// tokenizer_bench MODEL TEXTS [REPEATS] [--ids]: how long it takes to tokenize the lines of a file.
//
// MODEL is a Hugging Face folder. Prints one JSON object: nanoseconds of processor time a token in
// each repeat, the first of which meets every word for the first time, and their median. With
// --ids, prints the ids of each line instead.
#include <algorithm>
#include <charconv>
#include <ctime>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/mapped_file.h"
#include "format/hf_tokenizer.h"
#include "text/tokenizer.h"
#include "valence/error.h"

namespace valence {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void print_ids(const Tokenizer& tokenizer, const std::vector<std::string_view>& lines) {
  for (const std::string_view line : lines) {
    std::string row;
    for (const std::int32_t id : tokenizer.tokenize(line).ids) row += std::to_string(id) + ' ';
    std::cout << row << '\n';
  }
}

void print_times(const Tokenizer& tokenizer, const std::vector<std::string_view>& lines,
                 std::size_t repeats) {
  std::vector<double> times;
  std::size_t tokens = 0;
  std::size_t bytes = 0;
  for (const std::string_view line : lines) bytes += line.size();
  for (std::size_t i = 0; i < repeats; ++i) {
    tokens = 0;
    const std::clock_t start = std::clock();
    for (const std::string_view line : lines) tokens += tokenizer.tokenize(line).size();
    const double spent = 1e9 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    times.push_back(spent / static_cast<double>(std::max<std::size_t>(tokens, 1)));
  }
  std::vector<double> sorted = times;
  std::sort(sorted.begin(), sorted.end());
  const double median = sorted[sorted.size() / 2];
  std::cout << Json{{"texts", lines.size()},
                    {"bytes", bytes},
                    {"tokens", tokens},
                    {"ns_per_token", median},
                    {"tokens_per_second", 1e9 / median},
                    {"repeats", times}}
                   .dump()
            << '\n';
}

int run(const std::vector<std::string>& arguments) {
  bool ids = false;
  std::size_t repeats = 9;
  std::vector<std::string> names;
  for (const std::string& argument : arguments) {
    if (argument == "--ids")
      ids = true;
    else if (names.size() < 2)
      names.push_back(argument);
    else
      std::from_chars(argument.data(), argument.data() + argument.size(), repeats);
  }
  if (names.size() < 2 || repeats == 0) {
    std::cerr << "usage: tokenizer_bench MODEL TEXTS [REPEATS] [--ids]\n";
    return 2;
  }
  const Tokenizer tokenizer(read_hf_tokenizer(names[0], Json::object()).spec);
  const MappedFile file(names[1]);
  const std::vector<std::string_view> lines = lines_of(file.text());
  if (ids)
    print_ids(tokenizer, lines);
  else
    print_times(tokenizer, lines, repeats);
  return 0;
}

}  // namespace
}  // namespace valence

int main(int argc, char** argv) {
  try {
    return valence::run({argv + 1, argv + argc});
  } catch (const valence::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
