// A window over a byte source that readers scan, and go back in, before they let go of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "data/byte_source.h"

namespace valence {

// Rows, lines and fields of more bytes than this are not read; they go on with an error.
inline constexpr std::size_t kMaxRowBytes = std::size_t{16} << 20;

class InputBuffer {
 public:
  explicit InputBuffer(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  // The bytes not yet let go of. Valid until fill() or consume().
  std::string_view bytes() const { return std::string_view(data_).substr(start_); }
  bool fill();  // appends more bytes; false at the end of the source
  void consume(std::size_t count) { start_ += count; }

  // The position behind the first of the bytes `stops` at or after `from`; the end of the bytes
  // where the source ends or more than kMaxRowBytes have passed without one.
  std::size_t end_of_line(std::size_t from, std::string_view stops);

  bool ready() const { return !bytes().empty() || source_->ready(); }
  const ByteSource& source() const { return *source_; }

  // Passes over a byte order mark of UTF-8; throws Error(kUnsupported) at one of UTF-16.
  void skip_byte_order_mark(const std::string& origin);

 private:
  std::unique_ptr<ByteSource> source_;
  std::string data_;
  std::size_t start_ = 0;
};

struct Line {
  std::string text;       // without its line break
  bool too_long = false;  // over kMaxRowBytes: `text` is its beginning, the rest was passed over
};

// The next line, ended by "\n" or "\r\n" or the end of the source; nothing when there is none.
std::optional<Line> next_line(InputBuffer& buffer);

// Passes over the rest of a line that is too long to keep.
void skip_line(InputBuffer& buffer, std::string_view stops);

// The beginning of something long, for a message.
std::string excerpt(std::string_view text);

}  // namespace valence
