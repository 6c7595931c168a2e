// The sockets' side, with a service that says what it was asked.
#include <doctest/doctest.h>

#include <chrono>
#include <mutex>
#include <thread>

#include "serve/http/listener.h"
#include "serve/raw_client.h"
#include "valence/error.h"

namespace valence::serve {
namespace {

using std::chrono::milliseconds;

HttpResponse text_response(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

// Answers with method, path, query and body; "/stream" sends back what it gets.
class Echo final : public HttpService {
 public:
  ~Echo() override { join(); }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  BodyPlan plan(const HttpRequest& head, std::size_t /*body_bytes*/) override {
    BodyPlan plan;
    plan.limit = 1000;
    if (head.path == "/stream") plan.kind = BodyPlan::Kind::kStream;
    if (head.path == "/refused") {
      plan.kind = BodyPlan::Kind::kRefuse;
      plan.refusal = text_response(403, "no");
    }
    return plan;
  }

  void handle(HttpRequest request, Reply reply) override {
    const std::string text =
        request.method + " " + request.path + "?" + request.query + " " + request.body;
    if (request.path == "/later") {
      threads_.emplace_back([reply, text] {
        std::this_thread::sleep_for(milliseconds(30));
        reply([text] { return text_response(200, text); });
      });
      return;
    }
    reply([text] { return text_response(200, text); });
  }

  void stream(HttpRequest /*head*/, std::shared_ptr<HttpStream> stream) override {
    threads_.emplace_back([this, stream = std::move(stream)]() mutable {
      try {
        stream->begin(text_response(200, ""));
        std::string buffer(1000, ' ');
        while (const std::size_t count = stream->read(buffer)) {
          if (buffer.substr(0, count).find("break") != std::string::npos)
            throw Error(ErrorCode::kInternal, "broken");
          stream->write(buffer.substr(0, count));
        }
        stream->end();
      } catch (const Error& error) {
        const std::lock_guard lock(mutex_);
        stream_error_ = error.what();
      }
      stream.reset();
    });
  }

  HttpResponse refuse(const HttpRequest& /*head*/, int status, std::string_view why) override {
    return text_response(status, std::string(why));
  }

  std::string stream_error() {
    const std::lock_guard lock(mutex_);
    return stream_error_;
  }

 private:
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::string stream_error_;
};

struct Fixture {
  explicit Fixture(HttpLimits limits = {}) : listener(options_with(limits), echo) {
    listener.start();
  }
  ~Fixture() {
    listener.cut();
    echo.join();
    listener.stop();
  }
  static ListenOptions options_with(const HttpLimits& limits) {
    ListenOptions options;
    options.limits = limits;
    options.threads = 2;
    return options;
  }
  Echo echo;
  Listener listener;
};

TEST_CASE("requests on one connection are answered in order, also where they come at once") {
  Fixture fixture;
  RawClient client(fixture.listener.port());
  client.send(post("/a?x=1", "one") + post("/later", "two") + "GET /c HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(has(client.read_answer(), "POST /a?x=1 one"));
  CHECK(has(client.read_answer(), "POST /later? two"));
  CHECK(has(client.read_answer(), "GET /c? "));
}

TEST_CASE("a client that has shut down sending still gets its answer") {
  Fixture fixture;
  RawClient client(fixture.listener.port());
  client.send(post("/later", "last"));
  client.shut_down_sending();
  CHECK(has(client.read_to_end(), "POST /later? last"));
}

TEST_CASE("a request may come byte by byte, and in chunks") {
  Fixture fixture;
  RawClient client(fixture.listener.port());
  for (const char c : post("/a", "slow")) client.send(std::string_view(&c, 1));
  CHECK(has(client.read_answer(), "POST /a? slow"));
  client.send(
      "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n");
  CHECK(has(client.read_answer(), "POST /b? abcde"));
}

TEST_CASE("HEAD has the length and no body; 100-continue is said; HTTP/1.0 closes") {
  Fixture fixture;
  RawClient client(fixture.listener.port());
  client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(has(client.read_until("\r\n\r\n"), "Content-Length: 9"));
  client.send("POST /b HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(has(client.read_until("\r\n\r\n"), "100 Continue"));
  client.send("ok");
  CHECK(has(client.read_answer(), "POST /b? ok"));
  client.send("GET /c HTTP/1.0\r\n\r\n");
  CHECK(has(client.read_to_end(), "GET /c? "));
}

TEST_CASE("what is too large or no HTTP is told, and the connection ends") {
  Fixture fixture;
  const auto answer = [&](const std::string& bytes) {
    RawClient client(fixture.listener.port());
    client.send(bytes);
    return client.read_to_end();
  };
  CHECK(has(answer(post("/a", std::string(1001, 'x'))), "HTTP/1.1 413 "));
  CHECK(has(answer("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" +
                   std::string(2000, 'x') + "\r\n0\r\n\r\n"),
            "HTTP/1.1 413 "));
  CHECK(has(answer("GET /a HTTP/1.1\r\nX: " + std::string(20000, 'x') + "\r\n\r\n"),
            "HTTP/1.1 431 "));
  CHECK(has(answer("nonsense\r\n\r\n"), "HTTP/1.1 400 "));
  CHECK(has(answer("GET /a HTTP/1.1\r\nContent-Length: x\r\n\r\n"), "HTTP/1.1 400 "));
  CHECK(has(answer("GET /a HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "HTTP/1.1 400 "));
  CHECK(has(answer(post("/refused", "body")), "HTTP/1.1 403 "));
}

TEST_CASE("slow clients are told or let go, and others go on") {
  HttpLimits limits;
  limits.header = limits.body = limits.idle = milliseconds(100);
  limits.linger = milliseconds(50);
  Fixture fixture(limits);
  RawClient silent(fixture.listener.port());
  CHECK(silent.read_to_end().empty());
  RawClient header(fixture.listener.port());
  header.send("GET /a HT");
  CHECK(has(header.read_to_end(), "HTTP/1.1 408 "));
  RawClient body(fixture.listener.port());
  body.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  CHECK(has(body.read_to_end(), "HTTP/1.1 408 "));
  RawClient good(fixture.listener.port());
  good.send(post("/a", "x"));
  CHECK(has(good.read_answer(), "POST /a? x"));
}

TEST_CASE("a client that does not read is cut off") {
  HttpLimits limits;
  limits.write = limits.linger = milliseconds(200);
  Fixture fixture(limits);
  RawClient client(fixture.listener.port());
  client.send("POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n");
  const std::string block(100000, 'x');
  // The server stops reading when it cannot write, and then lets go.
  for (int i = 0; i < 1000 && client.try_to_send(block); ++i) {
  }
  fixture.echo.join();
  CHECK_FALSE(fixture.echo.stream_error().empty());
}

TEST_CASE("streams go both ways at once") {
  Fixture fixture;
  RawClient client(fixture.listener.port());
  client.send("POST /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  CHECK(has(client.read_until("abc\r\n"), "Transfer-Encoding: chunked"));
  client.send("2\r\nde\r\n");
  CHECK(has(client.read_until("de\r\n"), "de"));
  client.send("0\r\n\r\n");
  CHECK(has(client.read_to_end(), "0\r\n\r\n"));
  CHECK(fixture.echo.stream_error().empty());
}

TEST_CASE("a stream that fails on either side is not ended as if it were whole") {
  Fixture fixture;
  RawClient client(fixture.listener.port());
  client.send("POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nbreak");
  CHECK_FALSE(has(client.read_to_end(), "\r\n0\r\n\r\n"));
  {
    RawClient gone(fixture.listener.port());
    gone.send("POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
    gone.read_until("abc\r\n");
  }
  fixture.echo.join();
  CHECK(has(fixture.echo.stream_error(), "the client's connection"));
}

TEST_CASE("draining refuses connections and lets requests end") {
  Fixture fixture;
  RawClient busy(fixture.listener.port());
  RawClient idle(fixture.listener.port());
  busy.send(post("/later", "x"));
  std::this_thread::sleep_for(milliseconds(10));
  fixture.listener.drain();
  const std::string answer = busy.read_to_end();
  CHECK(has(answer, "POST /later? x"));
  CHECK(has(answer, "Connection: close"));
  CHECK(idle.read_to_end().empty());
  // Neither client has closed its side.
  for (int i = 0; i < 300 && fixture.listener.connections() > 0; ++i)
    std::this_thread::sleep_for(milliseconds(10));
  CHECK(fixture.listener.connections() == 0);
  CHECK_THROWS_AS(RawClient(fixture.listener.port()), std::exception);
}

TEST_CASE("more connections than the limit are let go") {
  HttpLimits limits;
  limits.connections = 2;
  Fixture fixture(limits);
  RawClient first(fixture.listener.port());
  RawClient second(fixture.listener.port());
  first.send(post("/a", "1"));
  second.send(post("/a", "2"));
  CHECK(has(first.read_answer(), "200 OK"));
  CHECK(has(second.read_answer(), "200 OK"));
  RawClient third(fixture.listener.port());
  CHECK(third.read_to_end().empty());
}

TEST_CASE("an address that is none, and a port that is taken, are told") {
  Echo echo;
  ListenOptions options;
  options.address = "nowhere";
  CHECK_THROWS_AS(Listener(options, echo), Error);
  options.address = "127.0.0.1";
  const Listener first(options, echo);
  options.port = first.port();
  CHECK_THROWS_AS(Listener(options, echo), Error);
  options.port = 0;
  options.certificate = options.key = "/nowhere/cert.pem";
  CHECK_THROWS_AS(Listener(options, echo), Error);
}

}  // namespace
}  // namespace valence::serve
