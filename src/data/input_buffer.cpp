#include "data/input_buffer.h"

#include <algorithm>

#include "base/utf8.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 16;
constexpr std::size_t kExcerptBytes = 200;

// As bytes.find_first_of(stops, from), by vector instructions.
std::size_t find_any(std::string_view bytes, std::string_view stops, std::size_t from) {
  std::size_t first = std::string_view::npos;
  for (const char stop : stops) first = std::min(first, bytes.substr(0, first).find(stop, from));
  return first;
}

}  // namespace

bool InputBuffer::fill() {
  if (start_ >= kBlock || start_ == data_.size()) {
    data_.erase(0, start_);
    start_ = 0;
  }
  const std::size_t size = data_.size();
  data_.resize(size + kBlock);
  std::size_t count = 0;
  try {
    count = source_->read(std::span(data_).subspan(size));
  } catch (...) {
    data_.resize(size);
    throw;
  }
  data_.resize(size + count);
  return count > 0;
}

std::size_t InputBuffer::end_of_line(std::size_t from, std::string_view stops) {
  while (true) {
    const std::size_t found = find_any(bytes(), stops, from);
    if (found != std::string_view::npos) return found + 1;
    from = bytes().size();
    if (from > kMaxRowBytes || !fill()) return from;
  }
}

void InputBuffer::skip_byte_order_mark(const std::string& origin) {
  while (bytes().size() < 3 && fill()) continue;
  const std::string_view head = bytes().substr(0, 3);
  if (head == "\xEF\xBB\xBF") consume(3);
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF"))
    throw Error(ErrorCode::kUnsupported,
                origin + ": this is UTF-16; turn it into UTF-8 first: iconv -f UTF-16 -t UTF-8");
}

std::optional<Line> next_line(InputBuffer& buffer) {
  const std::size_t end = buffer.end_of_line(0, "\n");
  if (end == 0) return std::nullopt;
  const std::string_view bytes = buffer.bytes().substr(0, end);
  const bool whole = bytes.ends_with('\n');
  if (bytes.size() > kMaxRowBytes) {
    Line line{excerpt(bytes), true};
    buffer.consume(end);
    if (!whole) skip_line(buffer, "\n");
    return line;
  }
  std::string_view text = bytes;
  if (whole) text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  Line line{std::string(text), false};
  buffer.consume(end);
  return line;
}

void skip_line(InputBuffer& buffer, std::string_view stops) {
  while (true) {
    const std::size_t found = find_any(buffer.bytes(), stops, 0);
    if (found != std::string_view::npos) return buffer.consume(found + 1);
    buffer.consume(buffer.bytes().size());
    if (!buffer.fill()) return;
  }
}

std::string excerpt(std::string_view text) {
  if (text.size() <= kExcerptBytes) return replace_invalid_utf8(text);
  std::size_t end = 0;
  while (end < kExcerptBytes) end += decode_utf8(text, end).length;
  return replace_invalid_utf8(text.substr(0, end)) + "...";
}

}  // namespace valence
