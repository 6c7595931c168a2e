#include "apps/cli/classify_settings.h"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "apps/cli/log_sink.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

const std::map<std::string, ScoreFunction> kFunctions{{"softmax", ScoreFunction::kSoftmax},
                                                      {"sigmoid", ScoreFunction::kSigmoid},
                                                      {"none", ScoreFunction::kNone}};
const std::map<std::string, LongText> kLongTexts{
    {"window", LongText::kWindow}, {"truncate", LongText::kTruncate}, {"error", LongText::kError}};

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::kInvalidArgument, why);
}

void declare_rows(CLI::App& app, ClassifySettings& s) {
  std::vector<std::string> formats;
  for (const RowFormat& format : row_formats()) formats.emplace_back(format.name);
  const CLI::IsMember known(formats);
  app.add_option("texts", s.texts,
                 "texts to label; without any, lines are read from standard input")
      ->type_name("TEXT");
  app.add_option("-i,--input", s.input, "read rows from FILE, \"-\" is standard input; may be gzip")
      ->type_name("FILE");
  app.add_option("-o,--output", s.output, "write rows to FILE instead of standard output")
      ->type_name("FILE");
  app.add_option("--append", s.append,
                 "add rows to a log instead: CSV, or SQLite where FILE ends with .db; several "
                 "programs may")
      ->type_name("FILE");
  app.add_option("-c,--text-column", s.text_column,
                 "column with the texts [text, or the only column]")
      ->type_name("NAME");
  app.add_option("--input-format", s.input_format, "instead of what the file's name says")
      ->check(known);
  app.add_option("--output-format", s.output_format, "instead of what the file's name says")
      ->check(known);
  app.add_option("--delimiter", s.delimiter, "character between the fields of CSV, or \"tab\" [,]")
      ->type_name("CHAR");
  app.add_flag("--no-header", s.no_header,
               "CSV and TSV have no row of column names; the columns are 1, 2, ...");
}

void declare_model(CLI::App& app, ClassifySettings& s) {
  app.add_option("-m,--model", s.model,
                 "model to use: a Hugging Face directory or a GGUF file [the built-in model]")
      ->envname("VALENCE_MODEL")
      ->type_name("PATH");
  app.add_option("--function-to-apply", s.function, "logits to scores [as the model says]")
      ->check(CLI::IsMember(&kFunctions));
  app.add_option("--long", s.long_text, "texts longer than the model's window")
      ->capture_default_str()
      ->check(CLI::IsMember(&kLongTexts));
  app.add_option("--window-overlap", s.window_overlap, "tokens that neighbouring windows share")
      ->capture_default_str();
  app.add_flag("--uncalibrated", s.uncalibrated,
               "leave out the temperature and thresholds that valence calibrate found");
  declare_engine(app, s.engine);
}

void declare_results(CLI::App& app, ClassifySettings& s) {
  app.add_option("-k,--top-k", s.top_k, "this many labels a text, best first")
      ->check(CLI::Range(1, 1'000'000));
  app.add_flag("--all-scores", s.all_scores, "add the score of each label");
  app.add_flag("--chosen", s.chosen,
               "add all labels of the answer: of a multi-label model, those whose score reaches "
               "their threshold");
  app.add_flag("--details", s.details, "add the numbers of tokens and windows, and if truncated");
  app.add_flag("--json", s.json, "print one JSON list, as Hugging Face's pipeline returns it");
  app.add_option("--label-name", s.label_name, "name of the added column")->capture_default_str();
  app.add_option("--score-name", s.score_name, "name of the added column")->capture_default_str();
  app.add_option("--error-name", s.error_name, "name of the added column")->capture_default_str();
}

void declare_conduct(CLI::App& app, ClassifySettings& s) {
  app.add_flag("--strict", s.strict, "stop at the first row that cannot be labelled");
  app.add_flag("--resume", s.resume,
               "go on where an interrupted run with the same options stopped");
  app.add_flag("--force", s.force, "replace an output file, or an interrupted run, that is there");
  app.add_flag("-q,--quiet", s.quiet, "no progress, no summary");
  app.add_flag("--no-progress", s.no_progress, "no progress bar");
}

std::string extension_of(const std::string& path) {
  return std::filesystem::path(path).extension().string();
}

}  // namespace

const std::map<std::string, ScoreFunction>& score_functions() {
  return kFunctions;
}

const std::map<std::string, LongText>& long_text_ways() {
  return kLongTexts;
}

void declare_options(CLI::App& app, ClassifySettings& settings) {
  declare_rows(app, settings);
  declare_model(app, settings);
  declare_results(app, settings);
  declare_conduct(app, settings);
  app.footer(
      "Rows go through in chunks: besides the model, memory holds a few chunks of at most 256 "
      "rows\n"
      "or 64 KiB of text; a single row may have up to 16 MiB.\n"
      "Exit codes: 0 all labelled, 1 some rows have an error, 2 usage, 3 no such file or column,\n"
      "4 bad input, 5 input or output failed, 130 interrupted.");
}

void check_settings(const ClassifySettings& s) {
  if (!s.texts.empty() && !s.input.empty())
    refuse("texts as arguments and --input do not go together; leave one out");
  if (!s.texts.empty() && (s.text_column || s.no_header || !s.input_format.empty()))
    refuse(
        "--text-column, --input-format and --no-header are for files, not for texts as arguments");
  if (s.texts.empty() && s.input.empty() && ::isatty(STDIN_FILENO) == 1)
    refuse("nothing to label: give texts, or --input FILE, or pipe lines into standard input");
  if (s.json && (!s.output.empty() || !s.output_format.empty()))
    refuse("--json prints a list on standard output; for files use --output-format jsonl");
  if (s.resume && s.force) refuse("--resume and --force do not go together");
  if (s.resume && s.output.empty() && s.append.empty())
    refuse("--resume needs --output FILE or --append FILE");
  if (!s.append.empty()) {
    if (!s.output.empty() || !s.output_format.empty() || s.json)
      refuse("--append says where rows go; leave --output, --output-format and --json out");
    check_log_name(s.append);
  }
  if (s.resume && (s.input.empty() || s.input == "-"))
    refuse("--resume needs --input FILE: standard input cannot be read again");
  if (extension_of(s.output) == ".gz")
    refuse("output is not compressed; give --output a name without .gz");
}

const RowFormat& input_format_of(const ClassifySettings& s) {
  if (!s.input_format.empty()) return row_format(s.input_format);
  if (s.texts.empty() && !s.from_stdin()) {
    if (const RowFormat* format = row_format_of(s.input)) return *format;
    refuse("the name " + s.input + " does not say its format; name it: --input-format");
  }
  return row_format("lines");
}

const RowFormat& output_format_of(const ClassifySettings& s) {
  if (!s.output_format.empty()) return row_format(s.output_format);
  if (!s.output.empty()) {
    if (const RowFormat* format = row_format_of(s.output)) return *format;
    if (!extension_of(s.output).empty())
      refuse("the name " + s.output + " does not say a format; name it: --output-format");
  }
  return input_format_of(s);
}

ClassifyOptions classify_options_of(const ClassifySettings& s) {
  ClassifyOptions options;
  options.long_text = kLongTexts.at(s.long_text);
  if (!s.function.empty()) options.function = kFunctions.at(s.function);
  options.calibrated = !s.uncalibrated;
  options.top_k = s.all_scores || s.chosen ? 0 : std::max<std::size_t>(1, s.top_k);
  options.window_overlap = s.window_overlap;
  return options;
}

AddedColumns added_columns_of(const ClassifySettings& s, const ModelInfo& model) {
  AddedColumns added;
  added.label = s.label_name;
  added.score = s.score_name;
  added.error = s.error_name;
  added.top = std::clamp<std::size_t>(s.top_k, 1, model.labels.size());
  if (s.all_scores) added.labels = model.labels;
  added.chosen = s.chosen;
  added.details = s.details;
  std::vector<std::string> names = added.names();
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) refuse("two columns would be called \"" + *twice + "\"");
  return added;
}

}  // namespace valence::cli
