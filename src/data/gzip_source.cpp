// gzip (RFC 1952) over another source, by zlib.
#include <zlib.h>

#include <new>
#include <string>
#include <utility>
#include <vector>

#include "data/byte_source.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 16;
constexpr int kGzipOnly = 16;  // added to zlib's window bits

class GzipSource final : public ByteSource {
 public:
  GzipSource(std::unique_ptr<ByteSource> inner, std::string origin)
      : inner_(std::move(inner)), origin_(std::move(origin)), block_(kBlock) {
    if (inflateInit2(&stream_, MAX_WBITS + kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  std::size_t read(std::span<char> into) override {
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(into.size(), UINT32_MAX));
    const std::size_t wanted = stream_.avail_out;
    while (stream_.avail_out == wanted && step()) continue;
    return wanted - stream_.avail_out;
  }

  bool ready() const override { return stream_.avail_in > 0 || inner_->ready(); }
  std::uint64_t consumed() const override { return inner_->consumed(); }
  std::uint64_t total() const override { return inner_->total(); }

 private:
  // Inflates some more; false at the end.
  bool step() {
    if (stream_.avail_in == 0) {
      stream_.next_in = reinterpret_cast<Bytef*>(block_.data());
      stream_.avail_in = static_cast<uInt>(inner_->read(block_));
    }
    if (stream_.avail_in == 0) {
      if (inside_member_) fail("the compressed data end too early; is the file complete?");
      return false;
    }
    if (!inside_member_) inflateReset(&stream_);
    inside_member_ = true;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      inside_member_ = false;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      fail("the compressed data are damaged");
    }
    return true;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::kCorrupt, origin_ + ": " + what + " (near byte " +
                                         std::to_string(consumed() - stream_.avail_in) + ")");
  }

  std::unique_ptr<ByteSource> inner_;
  std::string origin_;
  std::vector<char> block_;
  z_stream stream_{};
  bool inside_member_ = true;
};

}  // namespace

std::unique_ptr<ByteSource> gzip_source(std::unique_ptr<ByteSource> inner, std::string origin) {
  return std::make_unique<GzipSource>(std::move(inner), std::move(origin));
}

}  // namespace valence
