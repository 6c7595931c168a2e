#include "serve/http/exchange.h"

#include <utility>

#include "valence/error.h"

namespace valence::serve {
namespace {

class Exchange final : public HttpStream {
 public:
  explicit Exchange(std::shared_ptr<StreamPort> port) : port_(std::move(port)) {}
  ~Exchange() override {
    if (answered_) return;
    port_->run([port = port_, whole = ended_] { port->stream_close(whole); });
  }

  std::size_t read(std::span<char> into) override {
    return wait([this, into](const Promise& promise) { port_->stream_read(into, promise); }).bytes;
  }
  void begin(HttpResponse head) override {
    wait([&](const Promise& promise) { port_->stream_begin(head, promise); });
  }
  void write(std::string_view bytes) override {
    if (bytes.empty()) return;
    wait([this, bytes](const Promise& promise) { port_->stream_write(bytes, true, promise); });
  }
  void end() override {
    wait([this](const Promise& promise) { port_->stream_write({}, false, promise); });
    ended_ = true;
  }
  void respond(HttpResponse response) override {
    answered_ = true;
    port_->run([port = port_, response = std::move(response)] { port->stream_respond(response); });
  }

 private:
  Progress wait(const std::function<void(const Promise&)>& action) {
    const auto promise = std::make_shared<std::promise<Progress>>();
    std::future<Progress> future = promise->get_future();
    port_->run([&action, promise] { action(promise); });
    const Progress progress = future.get();
    if (progress.error)
      throw Error(ErrorCode::kIo, "the client's connection: " + progress.error.message());
    return progress;
  }

  std::shared_ptr<StreamPort> port_;
  bool ended_ = false, answered_ = false;
};

}  // namespace

std::shared_ptr<HttpStream> make_exchange(std::shared_ptr<StreamPort> port) {
  return std::make_shared<Exchange>(std::move(port));
}

}  // namespace valence::serve
