#include "load/generator.h"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <cmath>
#include <deque>
#include <memory>
#include <numeric>
#include <optional>
#include <random>

#include "valence/error.h"

namespace valence::load {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using net::ip::tcp;
using Clock = std::chrono::steady_clock;
using Secure = beast::ssl_stream<beast::tcp_stream>;

double seconds_of(Clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Gives out requests and takes their results.
class Schedule {
 public:
  Schedule(net::io_context& context, const LoadPlan& plan)
      : plan_(plan), timer_(context), engine_(std::random_device{}()) {
    requests_.reserve(plan.bodies.size());
    for (const std::string& body : plan.bodies) {
      http::request<http::string_body> request(http::verb::post, plan.url.path, 11);
      request.set(http::field::host, plan.url.host + ":" + std::to_string(plan.url.port));
      request.set(http::field::content_type, "application/json");
      request.set(http::field::user_agent, "valence-bench");
      if (!plan.api_key.empty()) request.set(http::field::authorization, "Bearer " + plan.api_key);
      request.body() = body;
      request.prepare_payload();
      requests_.push_back(std::move(request));
    }
  }

  void start() {
    begin_ = Clock::now();
    measured_from_ = begin_ + std::chrono::duration_cast<Clock::duration>(plan_.warm_up);
    end_ = measured_from_ + std::chrono::duration_cast<Clock::duration>(plan_.duration);
    next_due_ = begin_;
    if (open_loop()) wait_until_due();
  }

  bool open_loop() const { return plan_.rate > 0; }
  bool over() const { return Clock::now() >= end_; }

  // The next request and when it was due; nothing: none is due, `ready` is called when one is, or
  // when there will be none.
  struct Ticket {
    const http::request<http::string_body>* request = nullptr;
    Clock::time_point due;
  };
  std::optional<Ticket> take(std::function<void()> ready) {
    if (!open_loop()) {
      if (over()) return std::nullopt;
      return issue(Clock::now());
    }
    if (due_.empty()) {
      if (!ended_) idle_.push_back(std::move(ready));
      return std::nullopt;
    }
    const Clock::time_point due = due_.front();
    due_.pop_front();
    return issue(due);
  }

  void succeed(const Ticket& ticket, unsigned status) {
    note_measuring();
    if (!is_measured(ticket.due)) return;
    if (status == 200)
      report_.latencies.push_back(static_cast<float>(seconds_of(Clock::now() - ticket.due)));
    else
      ++report_.failures[std::to_string(status)];
  }
  void fail(const Ticket& ticket, const std::string& why) {
    if (is_measured(ticket.due)) ++report_.failures[why];
  }

  LoadReport finish() {
    for (const Clock::time_point due : due_)
      if (is_measured(due)) ++report_.failures["not sent"];
    report_.requests = report_.latencies.size();
    for (const auto& [why, count] : report_.failures) report_.requests += count;
    report_.seconds = seconds_of(std::max(Clock::now(), end_) - measured_from_);
    report_.processor_seconds = processor_seconds() - processor_before_;
    std::sort(report_.latencies.begin(), report_.latencies.end());
    return std::move(report_);
  }

 private:
  Ticket issue(Clock::time_point due) { return {&requests_[issued_++ % requests_.size()], due}; }
  bool is_measured(Clock::time_point due) const { return due >= measured_from_; }

  // The generator's own cost counts from the first answer of the time that is measured.
  void note_measuring() {
    if (processor_before_ == 0 && Clock::now() >= measured_from_)
      processor_before_ = processor_seconds();
  }

  void wait_until_due() {
    std::exponential_distribution<double> pause(plan_.rate);
    next_due_ +=
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(pause(engine_)));
    timer_.expires_at(std::min(next_due_, end_));
    timer_.async_wait([this](beast::error_code) {
      if (next_due_ >= end_) {
        ended_ = true;
        for (auto& ready : std::exchange(idle_, {})) ready();
        return;
      }
      due_.push_back(next_due_);
      if (!idle_.empty()) {
        const auto ready = std::move(idle_.front());
        idle_.pop_front();
        ready();
      }
      wait_until_due();
    });
  }

  const LoadPlan& plan_;
  net::steady_timer timer_;
  std::mt19937_64 engine_;
  std::vector<http::request<http::string_body>> requests_;
  std::size_t issued_ = 0;
  Clock::time_point begin_, measured_from_, end_, next_due_;
  std::deque<Clock::time_point> due_;       // and not taken
  std::deque<std::function<void()>> idle_;  // who wait for one
  bool ended_ = false;
  double processor_before_ = 0;
  LoadReport report_;
};

// A connection that sends what the schedule gives it; connects again where it was closed.
template <typename Stream>
class Sender : public std::enable_shared_from_this<Sender<Stream>> {
  static constexpr bool kTls = std::is_same_v<Stream, Secure>;

 public:
  Sender(net::io_context& context, net::ssl::context& tls, const tcp::resolver::results_type& where,
         const LoadPlan& plan, Schedule& schedule)
      : context_(context), tls_(tls), where_(where), plan_(plan), schedule_(schedule) {}

  void next() {
    const auto ticket = schedule_.take([self = this->shared_from_this()] { self->next(); });
    if (!ticket) return;
    ticket_ = *ticket;
    if (stream_) return send();
    connect();
  }

 private:
  auto& lowest() { return beast::get_lowest_layer(*stream_); }

  void limit_time() {
    lowest().expires_after(std::chrono::duration_cast<Clock::duration>(plan_.timeout));
  }

  void connect() {
    if constexpr (kTls) {
      stream_.emplace(context_, tls_);
      SSL_set_tlsext_host_name(stream_->native_handle(), plan_.url.host.c_str());
    } else {
      stream_.emplace(context_);
    }
    fresh_ = true;
    limit_time();
    lowest().async_connect(
        where_, [self = this->shared_from_this()](beast::error_code error, const tcp::endpoint&) {
          if (error) return self->give_up(error);
          self->lowest().socket().set_option(tcp::no_delay(true));
          if constexpr (kTls) {
            self->limit_time();
            self->stream_->async_handshake(net::ssl::stream_base::client,
                                           [self](beast::error_code failed) {
                                             if (failed) return self->give_up(failed);
                                             self->send();
                                           });
          } else {
            self->send();
          }
        });
  }

  void send() {
    limit_time();
    http::async_write(*stream_, *ticket_.request,
                      [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                        if (error) return self->retry(error);
                        self->receive();
                      });
  }

  void receive() {
    parser_.emplace();
    parser_->body_limit(std::uint64_t{1} << 30);
    http::async_read(*stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                       if (error) return self->retry(error);
                       self->take_answer();
                     });
  }

  void take_answer() {
    fresh_ = false;
    schedule_.succeed(ticket_, parser_->get().result_int());
    if (!parser_->keep_alive()) {
      stream_.reset();
      buffer_.clear();
    }
    next();
  }

  // A connection that was used before may have been closed meanwhile: once more on a new one.
  void retry(beast::error_code error) {
    if (fresh_ || error == beast::error::timeout) return give_up(error);
    buffer_.clear();
    connect();
  }

  void give_up(beast::error_code error) {
    schedule_.fail(ticket_, error.message());
    stream_.reset();
    buffer_.clear();
    if (schedule_.over()) return;
    // Not at once: a server that refuses would be asked thousands of times a second.
    pause_.emplace(context_, std::chrono::milliseconds(10));
    pause_->async_wait([self = this->shared_from_this()](beast::error_code) { self->next(); });
  }

  net::io_context& context_;
  net::ssl::context& tls_;
  const tcp::resolver::results_type& where_;
  const LoadPlan& plan_;
  Schedule& schedule_;
  std::optional<Stream> stream_;
  std::optional<net::steady_timer> pause_;
  std::optional<http::response_parser<http::string_body>> parser_;
  beast::flat_buffer buffer_;
  Schedule::Ticket ticket_;
  bool fresh_ = false;  // nothing has been answered on this connection
};

template <typename Stream>
LoadReport run(const LoadPlan& plan, net::ssl::context& tls) {
  net::io_context context(1);
  beast::error_code error;
  tcp::resolver resolver(context);
  const auto where = resolver.resolve(plan.url.host, std::to_string(plan.url.port), error);
  if (error) throw Error(ErrorCode::kIo, "cannot find " + plan.url.host + ": " + error.message());
  tcp::socket trial(context);
  net::connect(trial, where, error);
  if (error)
    throw Error(ErrorCode::kIo, "cannot connect to " + plan.url.host + ":" +
                                    std::to_string(plan.url.port) + ": " + error.message());
  trial.close(error);
  Schedule schedule(context, plan);
  schedule.start();
  for (std::size_t i = 0; i < plan.connections; ++i)
    std::make_shared<Sender<Stream>>(context, tls, where, plan, schedule)->next();
  context.run();
  return schedule.finish();
}

}  // namespace

double LoadReport::latency(double share) const {
  if (latencies.empty()) return 0;
  const auto rank = std::ceil(share * static_cast<double>(latencies.size()));
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return static_cast<double>(latencies[std::min(index, latencies.size() - 1)]);
}

double LoadReport::mean() const {
  if (latencies.empty()) return 0;
  return std::accumulate(latencies.begin(), latencies.end(), 0.0) /
         static_cast<double>(latencies.size());
}

LoadReport run_load(const LoadPlan& plan) {
  net::ssl::context tls(net::ssl::context::tls_client);
  beast::error_code ignored;
  tls.set_default_verify_paths(ignored);
  if (plan.verify_tls) {
    tls.set_verify_mode(net::ssl::verify_peer);
    tls.set_verify_callback(net::ssl::host_name_verification(plan.url.host), ignored);
  }
  return plan.url.tls ? run<Secure>(plan, tls) : run<beast::tcp_stream>(plan, tls);
}

}  // namespace valence::load
