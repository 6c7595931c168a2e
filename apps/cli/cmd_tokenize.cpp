// valence tokenize: what a text becomes before a model sees it.
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "apps/cli/command.h"
#include "base/json.h"
#include "base/mapped_file.h"
#include "base/utf8.h"
#include "format/hf_tokenizer.h"
#include "format/model_file.h"
#include "text/tokenizer.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

struct Options {
  std::string model;
  std::vector<std::string> texts;
  bool json = false;
  bool null_separated = false;
  bool no_specials = false;
};

// A directory's tokenizer is read by itself: there need be no weights.
Tokenizer load(const std::string& model) {
  const std::filesystem::path path(model);
  if (!std::filesystem::is_directory(path)) return Tokenizer(open_model_file(path).tokenizer);
  const std::filesystem::path config = path / "config.json";
  const Json json = std::filesystem::exists(config)
                        ? parse_json(MappedFile(config).text(), config.string())
                        : Json::object();
  return Tokenizer(read_hf_tokenizer(path, json).spec);
}

void print_json(const Tokenizer& tokenizer, const Encoding& encoding) {
  Json offsets = Json::array();
  Json tokens = Json::array();
  for (std::size_t i = 0; i < encoding.size(); ++i) {
    offsets.push_back({encoding.offsets[i].begin, encoding.offsets[i].end});
    tokens.push_back(tokenizer.token(encoding.ids[i]));
  }
  const Json line = {{"ids", encoding.ids}, {"tokens", tokens}, {"offsets", offsets}};
  std::cout << line.dump() << '\n';
}

// Control characters would upset the table, so they are shown as escapes.
std::string visible(std::string_view text) {
  std::string out;
  for (const char c : replace_invalid_utf8(text)) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) {
      out += c;
      continue;
    }
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\x%02X", static_cast<unsigned>(c));
    out += escape;
  }
  return out;
}

void print_table(const Tokenizer& tokenizer, const Encoding& encoding, std::string_view text) {
  std::printf("%8s  %-24s %11s  text\n", "id", "token", "bytes");
  for (std::size_t i = 0; i < encoding.size(); ++i) {
    const auto [begin, end] = encoding.offsets[i];
    const std::string range = begin == end ? "" : std::to_string(begin) + "-" + std::to_string(end);
    std::printf("%8d  %-24s %11s  %s\n", encoding.ids[i],
                visible(tokenizer.token(encoding.ids[i])).c_str(), range.c_str(),
                visible(text.substr(begin, end - begin)).c_str());
  }
  std::printf("%zu tokens\n", encoding.size());
}

void tokenize(const Tokenizer& tokenizer, const Options& options, const std::string& text) {
  Encoding encoding = tokenizer.tokenize(text);
  if (!options.no_specials) encoding = tokenizer.with_specials(encoding, 0, encoding.size());
  if (options.json)
    print_json(tokenizer, encoding);
  else
    print_table(tokenizer, encoding, text);
}

int run(const Options& options) {
  const Tokenizer tokenizer = load(options.model);
  for (const std::string& text : options.texts) tokenize(tokenizer, options, text);
  if (!options.texts.empty()) return kOk;
  std::string text;
  while (std::getline(std::cin, text, options.null_separated ? '\0' : '\n'))
    tokenize(tokenizer, options, text);
  std::cout.flush();
  if (!std::cout || std::fflush(stdout) != 0)
    throw Error(ErrorCode::kIo, "standard output could not be written");
  return kOk;
}

}  // namespace

Action define_tokenize(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("model", options->model, "a model: a Hugging Face directory or a GGUF file")
      ->required();
  app.add_option("text", options->texts, "texts; without any, the lines of standard input");
  app.add_flag("--json", options->json, "one JSON object a text: ids, tokens, offsets in bytes");
  app.add_flag("--null", options->null_separated, "texts on standard input end with a zero byte");
  app.add_flag("--no-specials", options->no_specials, "leave out the model's special tokens");
  return [options] { return run(*options); };
}

}  // namespace valence::cli
