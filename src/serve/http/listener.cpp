#include "serve/http/listener.h"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "serve/http/connection.h"
#include "serve/http/tls.h"
#include "valence/error.h"

namespace valence::serve {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

constexpr auto kPauseAfterFailure = std::chrono::milliseconds(50);
// Requests that are on their way when a server begins to drain still find an open connection.
constexpr auto kDrainIdleAfter = std::chrono::milliseconds(250);

}  // namespace

struct Listener::Parts {
  Parts(const ListenOptions& given, HttpService& service)
      : options(given), setting{service, options.limits}, acceptor(make_acceptor()) {}

  tcp::acceptor make_acceptor();
  void accept();
  void take(const error_code& error, tcp::socket socket);

  ListenOptions options;
  Connections connections;
  ConnectionSetting setting;
  std::vector<std::unique_ptr<net::io_context>> contexts;  // each has one thread
  std::vector<net::executor_work_guard<net::io_context::executor_type>> guards;
  std::optional<net::steady_timer> timer;  // of the first context, as the acceptor
  tcp::acceptor acceptor;                  // made last: what stands above has to be there
  std::size_t next = 0;
  std::mutex tls_mutex;
  std::shared_ptr<net::ssl::context> tls;
  std::vector<std::thread> threads;
};

tcp::acceptor Listener::Parts::make_acceptor() {
  for (std::size_t i = 0; i < options.threads; ++i) {
    contexts.push_back(std::make_unique<net::io_context>(1));
    guards.push_back(net::make_work_guard(*contexts.back()));
  }
  timer.emplace(*contexts[0]);
  error_code error;
  const auto address = net::ip::make_address(options.address, error);
  if (error)
    throw Error(ErrorCode::kInvalidArgument,
                "\"" + options.address +
                    "\" is no address of an interface; for example 127.0.0.1 "
                    "for this machine alone, 0.0.0.0 for all");
  const tcp::endpoint endpoint(address, options.port);
  tcp::acceptor made(*contexts[0]);
  const auto check = [&] {
    if (error)
      throw Error(ErrorCode::kIo, "cannot listen on " + options.address + ":" +
                                      std::to_string(options.port) + ": " + error.message());
  };
  made.open(endpoint.protocol(), error);
  check();
  made.set_option(tcp::acceptor::reuse_address(true), error);
  made.bind(endpoint, error);
  check();
  made.listen(tcp::acceptor::max_listen_connections, error);
  check();
  return made;
}

void Listener::Parts::accept() {
  net::io_context& home = *contexts[next++ % contexts.size()];
  acceptor.async_accept(
      home, [this](error_code error, tcp::socket socket) { take(error, std::move(socket)); });
}

void Listener::Parts::take(const error_code& error, tcp::socket socket) {
  if (error == net::error::operation_aborted || !acceptor.is_open()) return;
  if (error) {  // out of descriptors, most likely: others have to end first
    timer->expires_after(kPauseAfterFailure);
    timer->async_wait([this](error_code stopped) {
      if (!stopped) accept();
    });
    return;
  }
  std::shared_ptr<net::ssl::context> context;
  {
    const std::lock_guard lock(tls_mutex);
    context = tls;
  }
  if (connections.size() < options.limits.connections)
    make_connection(std::move(socket), std::move(context), setting, connections)->start();
  accept();  // else the socket is closed: there is no memory for it
}

Listener::Listener(const ListenOptions& options, HttpService& service)
    : parts_(std::make_unique<Parts>(options, service)) {
  if (!options.certificate.empty())
    parts_->tls = load_certificate(options.certificate, options.key);
}

Listener::~Listener() {
  stop();
}

void Listener::start() {
  parts_->accept();
  for (const auto& context : parts_->contexts)
    parts_->threads.emplace_back([&context = *context] { context.run(); });
}

std::uint16_t Listener::port() const {
  return parts_->acceptor.local_endpoint().port();
}

std::size_t Listener::connections() const {
  return parts_->connections.size();
}

void Listener::reload_certificate() {
  if (parts_->options.certificate.empty()) return;
  auto loaded = load_certificate(parts_->options.certificate, parts_->options.key);
  const std::lock_guard lock(parts_->tls_mutex);
  parts_->tls = std::move(loaded);
}

void Listener::drain() {
  parts_->setting.draining = true;
  net::post(*parts_->contexts[0], [this] {
    error_code ignored;
    parts_->acceptor.close(ignored);
    parts_->timer->expires_after(kDrainIdleAfter);
    parts_->timer->async_wait([this](error_code stopped) {
      if (stopped) return;
      for (const auto& connection : parts_->connections.all()) connection->drain();
    });
  });
}

void Listener::cut() {
  for (const auto& connection : parts_->connections.all()) connection->cut();
}

void Listener::stop() {
  parts_->guards.clear();
  for (const auto& context : parts_->contexts) context->stop();
  for (std::thread& thread : parts_->threads) thread.join();
  parts_->threads.clear();
}

}  // namespace valence::serve
