#include "data/lines_writer.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/utf8.h"
#include "data/columns.h"

namespace valence {
namespace {

constexpr const char* kFailed = "error";
constexpr const char* kReset = "\x1b[0m";
constexpr const char* kRed = "\x1b[31m";
constexpr const char* kBold = "\x1b[1m";
constexpr std::size_t kLeastText = 10;  // columns of text shown however narrow the terminal is

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

std::size_t width_of(char32_t c) {
  return static_cast<std::size_t>(
      std::max(0, utf8proc_charwidth(static_cast<utf8proc_int32_t>(c))));
}

// The text on one line of at most `width` columns; 0: of any length.
std::string one_line(std::string_view text, std::size_t width) {
  std::string line;
  std::size_t columns = 0;
  std::size_t keep = 0;  // bytes of `line` that leave room for the dots
  for (std::size_t pos = 0; pos < text.size();) {
    const CodePoint point = decode_utf8(text, pos);
    const char32_t shown = is_control(point.value) ? U' ' : point.value;
    columns += width_of(shown);
    if (width != 0 && columns > width) return line.substr(0, keep) + "...";
    append_utf8(line, shown);
    if (columns + 3 <= width) keep = line.size();
    pos += point.length;
  }
  return line;
}

std::string four_digits(float score) {
  std::array<char, 64> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), score, std::chars_format::fixed, 4);
  return {text.data(), end.ptr};
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t pos = 0; pos < text.size();) {
    const CodePoint point = decode_utf8(text, pos);
    width += width_of(point.value);
    pos += point.length;
  }
  return width;
}

LinesWriter::LinesWriter(WriteOptions options) : RowWriter(std::move(options)), label_width_(5) {
  for (const std::string& label : options_.labels)
    label_width_ = std::max(label_width_, display_width(label));
}

// Returns the columns that it took.
std::size_t LinesWriter::append(std::string_view label, const std::string& score,
                                const char* colour, std::string& out) const {
  if (options_.colour) out += colour;
  out += one_line(label, 0);
  if (options_.colour) out += kReset;
  const std::size_t width = display_width(label);
  const std::size_t padded = std::max(label_width_, width) + 2;
  out.append(padded - width, ' ');
  out += score + "  ";
  return padded + score.size() + 2;
}

void LinesWriter::write(const LabeledRow& row, std::string& out) {
  const Row& source = row.row;
  const auto& scores = row.answer.scores;
  const bool failed = !source.error.empty();
  const std::size_t top = options_.added.labels.empty() ? options_.added.top : scores.size();
  std::size_t used = 0;
  if (failed) used += append(kFailed, "     -", kRed, out);
  bool any = failed;
  for (std::size_t i = 0; !failed && i < scores.size(); ++i) {
    if (options_.added.chosen ? !scores[i].chosen : i >= top) continue;
    used += append(scores[i].label, four_digits(scores[i].score), any ? "" : kBold, out);
    any = true;
  }
  if (!any && options_.added.chosen) used += append("(none)", "     -", "", out);
  std::string text = source.text;
  if (failed) text = source.error + (is_blank(text) ? "" : ": " + text);
  const std::size_t width = options_.width;
  out += one_line(text, width == 0 ? 0 : std::max(kLeastText, width - std::min(width, used)));
  out += '\n';
}

}  // namespace valence
