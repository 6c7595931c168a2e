// Requests and answers as the rest of the server sees them; nothing here knows sockets.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace valence::serve {

using Clock = std::chrono::steady_clock;

// A handful of fields: looked up one by one, names without regard to case.
class HttpFields {
 public:
  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  // The first field of that name; empty where there is none.
  std::string_view get(std::string_view name) const;
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
  std::string method;
  std::string path;   // as it was sent, without the query
  std::string query;  // what stands behind "?"
  HttpFields fields;
  std::string body;
  std::string client;            // address of the peer
  Clock::time_point received;    // when the header had been read
  std::shared_ptr<void> ticket;  // what plan() gave; the service's own
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  HttpFields fields;
  bool close = false;  // the connection ends after this answer
};

// Called once, from any thread, with what makes the answer, which is called on the connection's I/O
// thread.
using Reply = std::function<void(std::function<HttpResponse()>)>;

// A request whose body and answer are streams, for one thread that reads and one that writes. All
// calls block, and throw Error(kIo) where the client has gone or is too slow. An answer that was
// begun and not ended is cut off in a way that the client notices.
class HttpStream {
 public:
  HttpStream() = default;
  virtual ~HttpStream() = default;
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;

  virtual std::size_t read(std::span<char> into) = 0;  // 0: the end of the body
  virtual void begin(HttpResponse head) = 0;           // its body is not looked at
  virtual void write(std::string_view bytes) = 0;
  virtual void end() = 0;
  virtual void respond(HttpResponse response) = 0;  // instead of begin ... end: a whole answer
};

// What is done with a request once its header has been read.
struct BodyPlan {
  enum class Kind { kBuffer, kStream, kRefuse };
  Kind kind = Kind::kBuffer;
  std::size_t limit = 0;         // of a buffered body, in bytes
  std::shared_ptr<void> ticket;  // kept with the request
  HttpResponse refusal;
};

// Who answers. Called on I/O threads: nothing here may block.
class HttpService {
 public:
  HttpService() = default;
  virtual ~HttpService() = default;
  HttpService(const HttpService&) = delete;
  HttpService& operator=(const HttpService&) = delete;

  // `body_bytes` is what the header announces; npos: not known.
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  virtual BodyPlan plan(const HttpRequest& head, std::size_t body_bytes) = 0;
  virtual void handle(HttpRequest request, Reply reply) = 0;
  virtual void stream(HttpRequest head, std::shared_ptr<HttpStream> stream) = 0;
  // An answer for what went wrong before there was a request: 400, 408, 413, 431, 503.
  virtual HttpResponse refuse(const HttpRequest& head, int status, std::string_view why) = 0;
};

}  // namespace valence::serve
