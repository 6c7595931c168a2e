// JSON Lines, and the list that users of Hugging Face's pipeline know.
#pragma once

#include "data/row_writer.h"

namespace valence {

// An object a line. An object that was read is kept letter by letter and the new members are
// appended; other rows become objects of strings.
class JsonlWriter final : public RowWriter {
 public:
  using RowWriter::RowWriter;
  void write(const LabeledRow& row, std::string& out) override;
};

// [{"label": ..., "score": ...}, ...], one entry a text; with `top_given` each entry is a list of
// those. A text with an error has the entry {"label": null, "score": null, "error": ...}.
class JsonListWriter final : public RowWriter {
 public:
  using RowWriter::RowWriter;
  void begin(std::string& out) override { out += '['; }
  void write(const LabeledRow& row, std::string& out) override;
  void end(std::string& out) override { out += "]\n"; }

 private:
  bool first_ = true;
};

}  // namespace valence
