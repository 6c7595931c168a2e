// valence classify: texts and tables in, the same with labels out.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "apps/cli/classify_settings.h"
#include "apps/cli/command.h"
#include "apps/cli/default_model.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/labelling.h"
#include "apps/cli/log_sink.h"
#include "apps/cli/terminal.h"
#include "apps/cli/texts_reader.h"
#include "base/processors.h"
#include "data/json_writers.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

namespace fs = std::filesystem;

std::string origin_of(const ClassifySettings& s) {
  if (!s.texts.empty()) return "the texts";
  return s.from_stdin() ? "standard input" : s.input;
}

std::unique_ptr<RowReader> open_reader(const ClassifySettings& s, const AddedColumns& added,
                                       bool fixed_columns) {
  if (!s.texts.empty()) return std::make_unique<TextsReader>(s.texts);
  const RowFormat& format = input_format_of(s);
  ReadOptions options;
  options.origin = origin_of(s);
  options.text_column = s.text_column;
  options.header = !s.no_header;
  options.delimiter = delimiter_for(format, s.delimiter);
  options.fixed_columns = fixed_columns;
  options.added = added.names();
  if (is_csv_log(s.append)) options.added.insert(options.added.end(), {kLabelledAt, kLabelledBy});
  return format.make_reader(open_source(s.input.empty() ? "-" : s.input), options);
}

void check_unique(const std::vector<std::string>& columns, const std::string& origin) {
  std::set<std::string_view> seen;
  for (const std::string& column : columns)
    if (!seen.insert(column).second)
      throw Error(ErrorCode::kInvalidArgument, origin + ": there are two columns \"" + column +
                                                   "\", JSON can have one; rename one of them");
}

std::unique_ptr<RowWriter> make_writer(const ClassifySettings& s, const RowFormat& format,
                                       const RowReader& reader, const AddedColumns& added,
                                       const ModelInfo& model) {
  WriteOptions options;
  options.columns = reader.columns();
  options.added = added;
  options.header = !s.no_header;
  options.delimiter = delimiter_for(format, s.delimiter);
  options.labels = model.labels;
  options.top_given = s.top_k > 0 || s.all_scores || s.chosen;
  if (s.output.empty()) {
    options.width = is_terminal(stdout) ? terminal_width(stdout) : 0;
    options.colour = wants_colour(stdout);
  }
  if (s.json) return std::make_unique<JsonListWriter>(std::move(options));
  if (!format.fixed_columns) check_unique(options.columns, origin_of(s));
  return format.make_writer(std::move(options));
}

// All that the bytes of the output depend on, under the names that a person knows.
Json identity_of(const ClassifySettings& s, const RowFormat& output_format) {
  return {{"the input file", file_identity(s.input)},
          {"the model", identity_of_model(s.model)},
          {"the version of valence", VALENCE_VERSION},
          {"--input-format", input_format_of(s).name},
          {"--output-format", output_format.name},
          {"--text-column", s.text_column.value_or("")},
          {"--delimiter", s.delimiter},
          {"--no-header", s.no_header},
          {"--backend", s.engine.backend},
          {"--precision", s.engine.precision},
          {"--function-to-apply", s.function},
          {"--long", s.long_text},
          {"--window-overlap", s.window_overlap},
          {"--top-k", s.top_k},
          {"--uncalibrated", s.uncalibrated},
          {"--all-scores", s.all_scores},
          {"--chosen", s.chosen},
          {"--details", s.details},
          {"the names of the added columns", {s.label_name, s.score_name, s.error_name}}};
}

bool writes_file(const ClassifySettings& s) {
  return !s.output.empty() && (!fs::exists(s.output) || fs::is_regular_file(s.output));
}

bool input_can_be_read_again(const ClassifySettings& s) {
  return s.texts.empty() && !s.from_stdin() && fs::is_regular_file(s.input);
}

std::unique_ptr<RowOutput> open_output(const ClassifySettings& s, const RowFormat& format) {
  if (!writes_file(s)) return stream_output(s.output);
  FileOutputOptions options;
  options.path = s.output;
  options.resume = s.resume;
  options.force = s.force;
  if (input_can_be_read_again(s)) options.identity = identity_of(s, format);
  if (s.resume && !options.identity)
    throw Error(ErrorCode::kInvalidArgument,
                "cannot resume: " + s.input + " is no regular file, it cannot be read again");
  return file_output(options);
}

// Where rows go, and what has to live as long.
struct Target {
  std::unique_ptr<RowWriter> writer;
  std::unique_ptr<RowOutput> output;
  std::unique_ptr<RowSink> sink;  // null: an earlier run had finished the work
};

Target open_table(const ClassifySettings& s, const RowFormat& format, const RowReader& reader,
                  const AddedColumns& added, const ModelInfo& model) {
  Target target;
  target.writer = make_writer(s, format, reader, added, model);
  target.output = open_output(s, format);
  if (target.output) target.sink = std::make_unique<TextSink>(*target.writer, *target.output);
  return target;
}

Target append_to_log(const ClassifySettings& s, const RowReader& reader, const AddedColumns& added,
                     const ModelInfo& model) {
  LogOptions options;
  options.path = s.append;
  options.columns = reader.columns();
  const bool lone = options.columns.size() == 1 && !s.text_column;
  options.text_column = lone ? options.columns.front() : s.text_column.value_or("text");
  options.added = added;
  options.labels = model.labels;
  options.model = s.model.empty() ? "built-in" : fs::path(s.model).lexically_normal().string();
  options.source = origin_of(s);
  if (input_can_be_read_again(s)) options.identity = identity_of(s, input_format_of(s));
  options.resume = s.resume;
  options.force = s.force;
  Target target;
  target.sink = open_log(options);
  return target;
}

void tell(const ClassifySettings& s, const std::string& text) {
  if (!s.quiet) std::fputs(text.c_str(), stderr);
}

// Tables and files end with a summary; readable lines only where something failed.
void tell_end(const ClassifySettings& s, const LabellingResult& result, double seconds) {
  const std::string file = s.append + s.output;
  const bool lines = file.empty() && (s.json || output_format_of(s).name == "lines");
  if (!lines) {
    const std::string target = file.empty() ? "" : file + ": ";
    tell(s, "valence: " + target + summary_of(result.tally, result.fresh, seconds, s.error_name));
  } else if (s.texts.empty() && result.tally.errors > 0) {
    tell(s, "valence: " + grouped(result.tally.errors) + " of " + grouped(result.tally.rows) +
                " lines without a label; the first is " + result.tally.first_error + "\n");
  }
}

int stopped(const ClassifySettings& s, const LabellingResult& result) {
  tell(s, "valence: stopped after row " + grouped(result.tally.rows) +
              "; the same command with --resume goes on\n");
  return 128 + Interrupt::signal();
}

void tell_finished_before(const ClassifySettings& s) {
  tell(s, s.append.empty() ? "valence: " + s.output + " was finished by the run before\n"
                           : "valence: the rows of " + s.input + " are in " + s.append +
                                 " already; --force appends them again\n");
}

// A run that can be resumed is stopped between rows.
bool stops_between_rows(const ClassifySettings& s) {
  return input_can_be_read_again(s) && (!s.append.empty() || writes_file(s));
}

int label(const ClassifySettings& s, const Classifier& classifier) {
  const auto begin = std::chrono::steady_clock::now();
  const RowFormat& format = output_format_of(s);
  const AddedColumns added = added_columns_of(s, classifier.info());
  const auto reader = open_reader(s, added, !s.append.empty() || (!s.json && format.fixed_columns));
  const Target target = s.append.empty() ? open_table(s, format, *reader, added, classifier.info())
                                         : append_to_log(s, *reader, added, classifier.info());
  if (!target.sink) {
    tell_finished_before(s);
    return kOk;
  }
  if (s.resume && target.sink->resumed() == nullptr)
    tell(s, "valence: nothing to resume, starting at the first row\n");
  std::optional<Interrupt> interrupt;
  if (stops_between_rows(s)) interrupt.emplace();
  const bool bar = is_terminal(stderr) && !s.quiet && !s.no_progress && s.texts.empty() &&
                   (!s.output.empty() || !s.append.empty() || !is_terminal(stdout));
  ProgressBar progress(bar);
  LabellingResult result;
  try {
    result = label_rows({*reader, *target.sink, classifier, classify_options_of(s),
                         s.engine.threads == 0 ? available_processors() : s.engine.threads,
                         origin_of(s), s.strict, interrupt.has_value(), progress});
  } catch (const Error&) {
    progress.clear();
    if (target.sink->resumable())
      tell(s, "valence: not finished; what was done is in " +
                  (target.output ? target.output->leftover() : s.append) + "\n");
    throw;
  }
  if (result.stopped) return stopped(s, result);
  if (target.output) target.output->finish();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  tell_end(s, result, seconds.count());
  return result.tally.errors > 0 ? kRowsFailed : kOk;
}

// Everything that can be refused before a model is loaded.
void check_early(const ClassifySettings& s) {
  check_settings(s);
  output_format_of(s);
  if (!s.texts.empty() || s.from_stdin()) return;
  if (!fs::exists(s.input)) throw Error(ErrorCode::kNotFound, "there is no file " + s.input);
}

// A file's name in the place of a text is more often a slip.
void tell_of_file_names(const ClassifySettings& s) {
  std::error_code none;
  for (const std::string& text : s.texts)
    if (!s.quiet && fs::is_regular_file(text, none))
      std::fprintf(stderr,
                   "valence: the name \"%s\" is labelled as a text; --input labels the file\n",
                   text.c_str());
}

int run_classify(ClassifySettings settings) {
  // A closed pipe ends the program quietly, whatever it was started by.
  std::signal(SIGPIPE, SIG_DFL);
  check_early(settings);
  tell_of_file_names(settings);
  if (!settings.append.empty()) settings.all_scores = true;  // what trends are made of
  return label(settings, load_classifier(settings.model, load_options_of(settings.engine)));
}

}  // namespace

Action define_classify(CLI::App& app) {
  const auto settings = std::make_shared<ClassifySettings>();
  declare_options(app, *settings);
  return [settings] { return run_classify(*settings); };
}

}  // namespace valence::cli
