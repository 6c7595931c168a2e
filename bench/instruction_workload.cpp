// instruction_workload MODEL: a small fixed workload, of which bench/count_instructions.py counts
// the instructions under callgrind. Without MODEL, says what it was compiled with.
//
// MODEL is a GGUF file with Q8_0 weights. One thread computes, so that every run executes the same
// instructions; each part ends with a dump of its count under the part's name.
#include <gnu/libc-version.h>
#include <valgrind/callgrind.h>

#include <array>
#include <functional>
#include <iostream>
#include <optional>
#include <span>
#include <string_view>

#include "base/json.h"
#include "format/model_file.h"
#include "text/tokenizer.h"
#include "valence/classifier.h"

namespace valence {
namespace {

constexpr std::string_view kPlainest = "The new version is a joy.";
constexpr std::array<std::string_view, 8> kTexts{
    kPlainest,
    "It crashes on start, and nobody answers the phone.",
    "We arrived on Tuesday; the room was clean, the staff kind, the breakfast a little plain.",
    "Not bad at all, although I'd hoped for more colours than grey, grey-green and gray!",
    "Delivery took three weeks (promised: two days). I want my money back, please.",
    "The second half drags, but the last ten minutes make up for every one of them.",
    "ok",
    "Installed it on 3 machines @work: works great, see https://example.org/notes for the "
    "settings."};

constexpr std::span kFew = std::span(kTexts).first<3>();

// What runs in `work` counts for the part; the rest counts for nothing.
void count(const char* part, const std::function<void()>& work) {
  CALLGRIND_ZERO_STATS;
  work();
  CALLGRIND_DUMP_STATS_AT(part);
}

void run(const char* model) {
  std::optional<Classifier> classifier;
  count("load", [&] { classifier = Classifier::load(model, {.threads = 1}); });
  const Tokenizer tokenizer(open_model_file(model).tokenizer);
  count("tokenize", [&] {
    for (int pass = 0; pass < 10; ++pass)
      for (const std::string_view text : kTexts) tokenizer.tokenize(text);
  });
  // The plainest text first: it takes what memory a call needs.
  classifier->classify(kPlainest);
  count("classify_int8", [&] { classifier->classify(kFew); });
  // Counted too, because a thread that ends inside it is counted where the next part ends.
  count("load_fp32", [&] {
    classifier = Classifier::load(model, {.threads = 1, .precision = Precision::kFp32});
  });
  count("classify_fp32", [&] { classifier->classify(kPlainest); });
}

}  // namespace
}  // namespace valence

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cout << valence::Json{{"compiler", __VERSION__}, {"libc", gnu_get_libc_version()}}.dump()
              << '\n';
    return 0;
  }
  try {
    valence::run(argv[1]);
    return 0;
  } catch (const valence::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
