#include "apps/cli/row_sink.h"

namespace valence::cli {

void TextSink::begin() {
  std::string head;
  writer_.begin(head);
  output_.write(head);
}

void TextSink::write(std::span<const LabeledRow> rows, const Tally& after) {
  std::string text;
  for (const LabeledRow& row : rows) writer_.write(row, text);
  output_.write(text);
  output_.checkpoint(after.rows, after.to_json(), false);
}

void TextSink::end() {
  std::string tail;
  writer_.end(tail);
  output_.write(tail);
}

}  // namespace valence::cli
