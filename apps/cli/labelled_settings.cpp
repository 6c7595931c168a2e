#include "apps/cli/labelled_settings.h"

#include "apps/cli/classify_settings.h"
#include "data/row_formats.h"

namespace valence::cli {

void declare_labelled_options(CLI::App& app, LabelledSettings& s) {
  std::vector<std::string> formats;
  for (const RowFormat& format : row_formats())
    if (format.name != std::string_view("lines")) formats.emplace_back(format.name);
  app.add_option("-m,--model", s.model,
                 "model to use: a Hugging Face directory or a GGUF file [the built-in model]")
      ->envname("VALENCE_MODEL")
      ->type_name("PATH");
  app.add_option("-d,--data", s.data, "CSV, TSV or JSONL files with labelled texts; may be gzip")
      ->required()
      ->delimiter(',')
      ->type_name("FILE,...");
  app.add_option("-c,--text-column", s.text_column,
                 "column with the texts [text, or the only column]")
      ->type_name("NAME");
  app.add_option("--label-column", s.label_column, "column with the labels")
      ->capture_default_str()
      ->type_name("NAME");
  app.add_option("--label-map", s.label_map,
                 "what labels in the data stand for: 1=negative,2=negative,3=; nothing behind = "
                 "drops the row")
      ->type_name("GIVEN=LABEL,...");
  app.add_option("--input-format", s.input_format, "instead of what the files' names say")
      ->check(CLI::IsMember(formats));
  app.add_option("--delimiter", s.delimiter, "character between the fields of CSV, or \"tab\" [,]")
      ->type_name("CHAR");
  app.add_option("--limit", s.limit, "this many rows, spread evenly over the data")
      ->check(CLI::Range(1, 1'000'000'000));
  app.add_option("--long", s.long_text, "texts longer than the model's window")
      ->capture_default_str()
      ->check(CLI::IsMember(&long_text_ways()));
  app.add_option("--window-overlap", s.window_overlap, "tokens that neighbouring windows share")
      ->capture_default_str();
  declare_engine(app, s.engine);
  app.add_flag("-q,--quiet", s.quiet, "no progress, no notes");
}

ClassifyOptions classify_options_of(const LabelledSettings& s) {
  ClassifyOptions options;
  options.long_text = long_text_ways().at(s.long_text);
  options.window_overlap = s.window_overlap;
  return options;
}

}  // namespace valence::cli
