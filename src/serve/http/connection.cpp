#include "serve/http/connection.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "serve/http/beast_message.h"
#include "serve/http/exchange.h"

namespace valence::serve {

namespace {

namespace net = boost::asio;
namespace ssl = boost::asio::ssl;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kReadBytes = 4096;                     // asked for while a connection is idle
constexpr std::size_t kLingerBytes = std::size_t{64} << 20;  // taken and dropped at the end

template <typename Stream>
class StreamConnection final : public Connection,
                               public StreamPort,
                               public std::enable_shared_from_this<StreamConnection<Stream>> {
  static constexpr bool kTls = !std::is_same_v<Stream, beast::tcp_stream>;

 public:
  StreamConnection(Stream stream, std::shared_ptr<ssl::context> tls, ConnectionSetting& setting,
                   Connections& connections)
      : tls_(std::move(tls)),
        stream_(std::move(stream)),
        timer_(stream_.get_executor()),
        setting_(setting),
        connections_(connections) {}
  ~StreamConnection() override { connections_.remove(this); }

  void start() override {
    post([](StreamConnection& self) { self.begin(); });
  }
  void drain() override {
    post([](StreamConnection& self) {
      if (self.idle_) self.lowest().cancel();  // what reads is told, and closes
    });
  }
  void cut() override {
    post([](StreamConnection& self) {
      beast::error_code ignored;
      self.socket().close(ignored);
    });
  }

  void run(std::function<void()> action) override {
    net::post(stream_.get_executor(),
              [self = this->shared_from_this(), action = std::move(action)] { action(); });
  }
  void stream_read(std::span<char> into, const Promise& promise) override;
  void stream_begin(const HttpResponse& head, const Promise& promise) override;
  void stream_write(std::string_view bytes, bool more, const Promise& promise) override;
  void stream_respond(HttpResponse response) override;
  void stream_close(bool whole) override;

 private:
  auto& lowest() { return beast::get_lowest_layer(stream_); }
  auto& socket() { return lowest().socket(); }

  template <typename Action>
  void post(Action action) {
    net::post(stream_.get_executor(), [self = this->shared_from_this(), action] { action(*self); });
  }

  void begin() {
    beast::error_code ignored;
    const auto peer = socket().remote_endpoint(ignored);
    if (!ignored) client_ = peer.address().to_string();
    socket().set_option(tcp::no_delay(true), ignored);
    if constexpr (kTls) {
      lowest().expires_after(setting_.limits.header);
      stream_.async_handshake(ssl::stream_base::server,
                              [self = this->shared_from_this()](beast::error_code error) {
                                if (!error) self->wait_for_request();
                              });
    } else {
      wait_for_request();
    }
  }

  // Until the first byte of a request the connection is idle, and holds next to no memory.
  void wait_for_request() {
    if (buffer_.size() > 0) return read_head();
    idle_ = true;
    buffer_.shrink_to_fit();
    lowest().expires_after(setting_.limits.idle);
    stream_.async_read_some(
        buffer_.prepare(kReadBytes),
        [self = this->shared_from_this()](beast::error_code error, std::size_t bytes) {
          self->idle_ = false;
          if (error) return self->close();
          self->buffer_.commit(bytes);
          self->read_head();
        });
  }

  void read_head() {
    head_parser_.emplace();
    head_parser_->header_limit(setting_.limits.header_bytes);
    head_parser_->body_limit(kNoLimit);  // the plan sets it
    request_ = HttpRequest{};
    request_.client = client_;
    request_.received = Clock::now();
    version_ = 11;
    head_only_ = false;
    limit_reading(setting_.limits.header);
    http::async_read_header(
        stream_, buffer_, *head_parser_,
        [self = this->shared_from_this()](beast::error_code error, std::size_t) {
          if (self->reading_ended(error))
            self->take_head();
          else
            self->give_up(error);
        });
  }

  // The stream's own timeouts close the socket, so that nothing could be answered any more.
  void limit_reading(std::chrono::milliseconds time) {
    lowest().expires_never();
    timed_out_ = false;
    timer_.expires_after(time);
    timer_.async_wait([self = this->shared_from_this()](beast::error_code stopped) {
      if (stopped || self->timer_.expiry() > Clock::now()) return;
      self->timed_out_ = true;
      beast::error_code ignored;
      self->socket().cancel(ignored);
    });
  }
  bool reading_ended(beast::error_code error) {
    timer_.cancel();
    return !error;
  }

  // What the client sent is no request, or does not come: it is told why, where it may still
  // listen.
  void give_up(beast::error_code error) {
    const auto refuse = [&](int status, std::string_view why) {
      HttpResponse response = setting_.service.refuse(request_, status, why);
      response.close = true;
      respond(std::move(response));
    };
    if (timed_out_) return refuse(408, "the request did not come in time");
    if (error == http::error::header_limit)
      return refuse(431, "the header has more than " +
                             std::to_string(setting_.limits.header_bytes) + " bytes");
    if (error == http::error::body_limit) return refuse(413, "the body is too large");
    const bool gone = error == http::error::end_of_stream ||
                      error == http::error::partial_message || error == net::error::eof;
    if (!gone && error.category() == make_error_code(http::error::bad_method).category())
      return refuse(400, "not a valid HTTP request: " + error.message());
    close();
  }

  void take_head() {
    const auto& message = head_parser_->get();
    version_ = message.version();
    keep_alive_ = message.keep_alive();
    head_only_ = message.method() == http::verb::head;
    request_ = request_of(message, client_);
    const auto length = head_parser_->content_length();
    body_pending_ = !head_parser_->is_done();
    plan_ = setting_.service.plan(request_, length          ? *length
                                            : body_pending_ ? HttpService::npos
                                                            : 0);
    request_.ticket = std::move(plan_.ticket);
    if (plan_.kind == BodyPlan::Kind::kRefuse) {
      HttpResponse refusal = std::move(plan_.refusal);
      refusal.close = refusal.close || body_pending_;
      return respond(std::move(refusal));
    }
    if (plan_.kind == BodyPlan::Kind::kBuffer && length && *length > plan_.limit)
      return give_up(http::error::body_limit);
    if (beast::iequals(message[http::field::expect], "100-continue")) return send_continue();
    take_body();
  }

  void send_continue() {
    continue_.emplace(http::status::continue_, version_);
    lowest().expires_after(setting_.limits.write);
    http::async_write(stream_, *continue_,
                      [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                        if (!error) self->take_body();
                      });
  }

  void take_body() {
    if (plan_.kind == BodyPlan::Kind::kStream) return start_stream();
    body_parser_.emplace(std::move(*head_parser_));
    body_parser_->body_limit(plan_.limit);
    if (body_parser_->is_done()) return handle();
    limit_reading(setting_.limits.body);
    http::async_read(stream_, buffer_, *body_parser_,
                     [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                       if (!self->reading_ended(error)) return self->give_up(error);
                       self->request_.body = std::move(self->body_parser_->get().body());
                       self->handle();
                     });
  }

  void handle() {
    body_pending_ = false;
    body_parser_.reset();
    lowest().expires_never();
    setting_.service.handle(
        std::move(request_), [self = this->shared_from_this()](std::function<HttpResponse()> make) {
          net::dispatch(self->stream_.get_executor(),
                        [self, make = std::move(make)] { self->respond(make()); });
        });
  }

  void respond(HttpResponse response) {
    response_.emplace(static_cast<http::status>(response.status), version_);
    set_head(*response_, response);
    const bool keep = keep_alive_ && !response.close && !setting_.draining && !body_pending_;
    response_->keep_alive(keep);
    if (response.status != 204 && response.status != 304)
      response_->content_length(response.body.size());
    if (!head_only_) response_->body() = std::move(response.body);
    lowest().expires_after(setting_.limits.write);
    http::async_write(
        stream_, *response_,
        [self = this->shared_from_this(), keep](beast::error_code error, std::size_t) {
          self->response_.reset();
          if (error || !keep) return self->close();
          self->wait_for_request();
        });
  }

  // The client may not have taken the answer yet, and would lose it if bytes that it still sends
  // met a closed socket: they are dropped for a while.
  void close() {
    idle_ = false;
    beast::error_code ignored;
    if constexpr (kTls) {
      if (!closing_) {
        closing_ = true;
        lowest().expires_after(setting_.limits.linger);
        stream_.async_shutdown([self = this->shared_from_this()](beast::error_code) {
          beast::error_code unimportant;
          self->socket().shutdown(tcp::socket::shutdown_both, unimportant);
        });
      }
    } else if (!closing_) {
      closing_ = true;
      socket().shutdown(tcp::socket::shutdown_send, ignored);
      lowest().expires_after(setting_.limits.linger);
      linger(0);
    }
  }

  void linger(std::size_t dropped) {
    buffer_.consume(buffer_.size());
    stream_.async_read_some(
        buffer_.prepare(std::size_t{64} << 10),
        [self = this->shared_from_this(), dropped](beast::error_code error, std::size_t bytes) {
          if (!error && dropped + bytes < kLingerBytes) self->linger(dropped + bytes);
        });
  }

  // ---- streams ------------------------------------------------------------------------------

  void start_stream() {
    stream_parser_.emplace(std::move(*head_parser_));
    lowest().expires_never();
    setting_.service.stream(std::move(request_), make_exchange(this->shared_from_this()));
  }

  // The order matters: the TLS context outlives the stream.
  std::shared_ptr<ssl::context> tls_;
  Stream stream_;
  net::steady_timer timer_;  // of a request that is being read
  ConnectionSetting& setting_;
  Connections& connections_;
  std::string client_;
  beast::flat_buffer buffer_;
  bool idle_ = false, closing_ = false, timed_out_ = false;

  // Of the request that is being served.
  std::optional<http::request_parser<http::empty_body>> head_parser_;
  std::optional<http::request_parser<http::string_body>> body_parser_;
  std::optional<http::request_parser<http::buffer_body>> stream_parser_;
  std::optional<http::response<http::empty_body>> continue_;
  std::optional<http::response<http::string_body>> response_;
  std::optional<http::response<http::buffer_body>> stream_response_;
  std::optional<http::response_serializer<http::buffer_body>> serializer_;
  HttpRequest request_;
  BodyPlan plan_;
  unsigned version_ = 11;
  bool keep_alive_ = true, head_only_ = false, body_pending_ = false;
};

// ---- streams ----------------------------------------------------------------------------------

template <typename Stream>
void StreamConnection<Stream>::stream_read(std::span<char> into, const Promise& promise) {
  if (stream_parser_->is_done()) return promise->set_value({});
  auto& body = stream_parser_->get().body();
  body.data = into.data();
  body.size = into.size();
  lowest().expires_after(setting_.limits.body);
  http::async_read_some(
      stream_, buffer_, *stream_parser_,
      [self = this->shared_from_this(), into, promise](beast::error_code error, std::size_t) {
        const std::size_t bytes = into.size() - self->stream_parser_->get().body().size;
        if (error == http::error::need_buffer) error = {};
        if (!error && bytes == 0 && !self->stream_parser_->is_done())
          return self->stream_read(into, promise);
        promise->set_value({error, bytes});
      });
}

template <typename Stream>
void StreamConnection<Stream>::stream_begin(const HttpResponse& head, const Promise& promise) {
  stream_response_.emplace(static_cast<http::status>(head.status), version_);
  set_head(*stream_response_, head);
  // Where bytes of the body may be left, the connection cannot go on.
  stream_response_->keep_alive(false);
  stream_response_->chunked(version_ >= 11);
  stream_response_->body().data = nullptr;
  stream_response_->body().more = true;
  serializer_.emplace(*stream_response_);
  lowest().expires_after(setting_.limits.write);
  http::async_write_header(
      stream_, *serializer_,
      [self = this->shared_from_this(), promise](beast::error_code error, std::size_t) {
        promise->set_value({error, 0});
      });
}

template <typename Stream>
void StreamConnection<Stream>::stream_write(std::string_view bytes, bool more,
                                            const Promise& promise) {
  auto& body = stream_response_->body();
  body.data = bytes.empty() ? nullptr : const_cast<char*>(bytes.data());  // is only read
  body.size = bytes.size();
  body.more = more;
  lowest().expires_after(setting_.limits.write);
  http::async_write(
      stream_, *serializer_,
      [self = this->shared_from_this(), promise](beast::error_code error, std::size_t) {
        if (error == http::error::need_buffer) error = {};
        promise->set_value({error, 0});
      });
}

template <typename Stream>
void StreamConnection<Stream>::stream_respond(HttpResponse response) {
  body_pending_ = !stream_parser_->is_done();
  respond(std::move(response));
}

// An answer that is not whole must not look as if it were: the connection breaks off.
template <typename Stream>
void StreamConnection<Stream>::stream_close(bool whole) {
  if (whole) return close();
  beast::error_code ignored;
  socket().close(ignored);
}

}  // namespace

std::shared_ptr<Connection> make_connection(tcp::socket socket, std::shared_ptr<ssl::context> tls,
                                            ConnectionSetting& setting, Connections& connections) {
  std::shared_ptr<Connection> connection;
  beast::tcp_stream plain(std::move(socket));
  if (tls) {
    beast::ssl_stream<beast::tcp_stream> stream(std::move(plain), *tls);
    connection = std::make_shared<StreamConnection<beast::ssl_stream<beast::tcp_stream>>>(
        std::move(stream), std::move(tls), setting, connections);
  } else {
    connection = std::make_shared<StreamConnection<beast::tcp_stream>>(std::move(plain), nullptr,
                                                                       setting, connections);
  }
  connections.add(connection);
  return connection;
}

}  // namespace valence::serve
