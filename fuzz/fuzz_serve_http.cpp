// Bytes on a connection: the sockets' side neither crashes nor hangs, whatever comes in whatever
// pieces, and all that it says is HTTP.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include "serve/http/listener.h"
#include "serve/raw_client.h"
#include "valence/error.h"

namespace {

using namespace valence;
using namespace valence::serve;

HttpResponse text(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

// Says what it gets; "/stream..." says it while it comes.
class Echo final : public HttpService {
 public:
  BodyPlan plan(const HttpRequest& head, std::size_t /*body_bytes*/) override {
    BodyPlan plan;
    plan.limit = 4096;
    if (head.path.starts_with("/stream")) plan.kind = BodyPlan::Kind::kStream;
    if (head.path.starts_with("/refused")) {
      plan.kind = BodyPlan::Kind::kRefuse;
      plan.refusal = text(403, "no");
    }
    return plan;
  }
  void handle(HttpRequest request, Reply reply) override {
    reply([body = std::move(request.body)] { return text(200, body); });
  }
  void stream(HttpRequest /*head*/, std::shared_ptr<HttpStream> stream) override {
    std::thread([stream = std::move(stream)] {
      try {
        stream->begin(text(200, ""));
        std::string buffer(512, ' ');
        while (const std::size_t count = stream->read(buffer))
          stream->write(buffer.substr(0, count));
        stream->end();
      } catch (const Error&) {  // the client's fault
        return;
      }
    }).detach();
  }
  HttpResponse refuse(const HttpRequest& /*head*/, int status, std::string_view why) override {
    return text(status, std::string(why));
  }
};

std::uint16_t port() {
  static Echo echo;
  static Listener* const listener = [] {
    ListenOptions options;
    options.limits.linger = std::chrono::milliseconds(500);
    auto* made = new Listener(options, echo);
    made->start();
    return made;
  }();
  return listener->port();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t step = 1 + std::size_t{data[0]} * 4;
  RawClient client(port());
  try {
    while (!bytes.empty()) {
      client.send(bytes.substr(0, step));
      bytes.remove_prefix(std::min(step, bytes.size()));
    }
    client.shut_down_sending();
  } catch (const boost::system::system_error&) {  // the server had enough
    return 0;
  }
  const std::string answer = client.read_to_end();
  if (!answer.empty() && !answer.starts_with("HTTP/1.")) std::abort();
  return 0;
}
