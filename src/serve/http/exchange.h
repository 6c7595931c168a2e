// HttpStream over a connection: calls that block, on work that does not.
#pragma once

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <string_view>

#include "serve/http/message.h"

namespace valence::serve {

// What a reader or writer waits for.
struct Progress {
  boost::system::error_code error;
  std::size_t bytes = 0;
};
using Promise = std::shared_ptr<std::promise<Progress>>;

// The connection as its stream needs it. All but run() are called on the connection's I/O thread; a
// reading and a writing may be under way at the same time. What they are given lives until the
// promise is kept.
class StreamPort {
 public:
  StreamPort() = default;
  virtual ~StreamPort() = default;
  StreamPort(const StreamPort&) = delete;
  StreamPort& operator=(const StreamPort&) = delete;

  virtual void run(std::function<void()> action) = 0;  // on the I/O thread; from any
  virtual void stream_read(std::span<char> into, const Promise& promise) = 0;
  virtual void stream_begin(const HttpResponse& head, const Promise& promise) = 0;
  // Nothing to write and not `more`: the end of the answer.
  virtual void stream_write(std::string_view bytes, bool more, const Promise& promise) = 0;
  virtual void stream_respond(HttpResponse response) = 0;
  virtual void stream_close(bool whole) = 0;  // `whole`: the answer was ended as it should be
};

std::shared_ptr<HttpStream> make_exchange(std::shared_ptr<StreamPort> port);

}  // namespace valence::serve
