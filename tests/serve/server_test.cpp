// The whole server under load, with models that come and go.
#include "serve/server.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "load/generator.h"
#include "serve/models_fixture.h"
#include "serve/raw_client.h"
#include "valence/error.h"

namespace valence::serve {
namespace {

using std::chrono::milliseconds;

ServeOptions small_options() {
  ServeOptions options;
  options.access_log.clear();
  options.models = {{"m", fixture("bert")}};
  options.engine.threads = 2;
  return options;
}

load::LoadPlan plan_for(std::uint16_t port, std::string_view protocol, std::size_t connections) {
  const load::RequestShape& shape = load::request_shape(protocol);
  load::LoadPlan plan;
  plan.bodies.reserve(40);
  plan.url = load::parse_url("http://127.0.0.1:" + std::to_string(port));
  plan.url.path = shape.path("m");
  std::string text = "good";
  for (int i = 0; i < 40; ++i) {
    plan.bodies.push_back(shape.body("m", std::span<const std::string>(&text, 1)));
    text += " film";
  }
  plan.connections = connections;
  plan.warm_up = std::chrono::duration<double>(0);
  plan.duration = std::chrono::duration<double>(0.5);
  return plan;
}

// Counts the answers it is shown.
class Watcher final : public AnswerObserver {
 public:
  void answered(const AnswerEvent& event) override {
    CHECK(event.inputs.size() == event.answers.size());
    count += event.answers.size();
  }
  std::atomic<std::size_t> count = 0;
};

TEST_CASE("all protocols are answered under load, in closed and in open loop") {
  Watcher watcher;
  Server server(small_options(), open_fixture, {&watcher});
  server.start();
  std::size_t answered = 0;
  for (const load::RequestShape& shape : load::request_shapes()) {
    CAPTURE(shape.name);
    const load::LoadReport report = run_load(plan_for(server.port(), shape.name, 8));
    CHECK(report.failures.empty());
    CHECK(report.latencies.size() > 10);
    answered += report.latencies.size();
  }
  load::LoadPlan open = plan_for(server.port(), "tei", 16);
  open.rate = 100;
  const load::LoadReport report = run_load(open);
  CHECK(report.failures.empty());
  CHECK(report.requests > 10);
  CHECK(watcher.count >= answered + report.latencies.size());
}

TEST_CASE("models are replaced, added and dropped under load without a lost request") {
  Server server(small_options(), open_fixture);
  server.start();
  load::LoadPlan plan = plan_for(server.port(), "vllm", 8);
  plan.duration = std::chrono::duration<double>(1.5);
  load::LoadReport report;
  std::thread client([&] { report = run_load(plan); });
  for (int round = 0; round < 5; ++round) {
    server.models().load({"m", fixture(round % 2 == 0 ? "roberta" : "bert")});
    server.models().load({"other", fixture("distilbert")});
    CHECK_THROWS_AS(server.models().load({"m", fixture("nothing")}), Error);
    CHECK(server.models().drop("other"));
    ServeOptions options = small_options();
    server.reload(options);
    std::this_thread::sleep_for(milliseconds(20));
  }
  client.join();
  CHECK(report.failures.empty());
  CHECK(report.latencies.size() > 10);
  CHECK_THROWS_AS(server.models().drop("m"), Error);
  CHECK_FALSE(server.models().drop("other"));
}

TEST_CASE("a reload that fails leaves what was") {
  Server server(small_options(), open_fixture);
  ServeOptions wrong = small_options();
  wrong.models.push_back({"broken", fixture("nothing")});
  CHECK_THROWS_AS(server.reload(wrong), Error);
  CHECK(server.models().all().size() == 1);
  wrong.models = {{"m", fixture("bert")}, {"m", fixture("bert")}};
  CHECK_THROWS_AS(server.reload(wrong), Error);
}

TEST_CASE("beyond the queue requests are refused at once, and those accepted are answered") {
  ServeOptions options = small_options();
  options.scheduler.queue_texts = 4;
  options.engine.threads = 1;
  options.models = {{"m", fixture("bert-wide")}};
  Server server(options, open_fixture);
  server.start();
  const load::LoadReport report = run_load(plan_for(server.port(), "tei", 64));
  for (const auto& [why, count] : report.failures) CHECK(why == "429");
  CHECK_FALSE(report.latencies.empty());
  const load::LoadReport after = run_load(plan_for(server.port(), "tei", 2));
  CHECK(after.failures.empty());
}

TEST_CASE("a server that drains answers what it has accepted") {
  auto server = std::make_unique<Server>(small_options(), open_fixture);
  server->start();
  std::string body = R"({"inputs":[["good"])";
  for (int i = 0; i < 500; ++i) body += R"(,["a film that is long enough to take a while"])";
  body += "]}";
  std::vector<std::unique_ptr<RawClient>> clients;
  clients.reserve(2);
  for (int i = 0; i < 2; ++i) {
    clients.push_back(std::make_unique<RawClient>(server->port()));
    clients.back()->send(post("/predict", body));
  }
  while (server->metrics().text().find("valence_active_requests 2") == std::string::npos)
    std::this_thread::sleep_for(milliseconds(1));
  server->begin_drain();
  for (const auto& client : clients) {
    const std::string answer = client->read_to_end();
    CHECK(has(answer, "200 OK"));
    CHECK(has(answer, "Connection: close"));
  }
  while (!server->drained()) std::this_thread::sleep_for(milliseconds(1));
}

TEST_CASE("a server can be ended in the middle of everything") {
  for (int round = 0; round < 5; ++round) {
    auto server = std::make_unique<Server>(small_options(), open_fixture);
    server->start();
    std::vector<std::unique_ptr<RawClient>> clients;
    clients.reserve(4);
    std::string body = R"({"inputs":[["good"])";
    for (int i = 0; i < 900; ++i) body += R"(,["a film that is long enough to take a while"])";
    body += "]}";
    for (int i = 0; i < 4; ++i) {
      clients.push_back(std::make_unique<RawClient>(server->port()));
      clients.back()->send(post(i % 2 == 0 ? "/predict" : "/tokenize", body));
    }
    RawClient stream(server->port());
    stream.send(
        "POST /batch HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"
        "Content-Length: 100000\r\n\r\ntext\ngood\n");
    std::this_thread::sleep_for(milliseconds(5 * round));
    server.reset();
  }
}

TEST_CASE("keys and CORS") {
  ServeOptions options = small_options();
  options.keys = {"user"};
  options.admin_keys = {"admin"};
  options.cors_origins = {"https://page"};
  Server server(options, open_fixture);
  server.start();
  const auto status = [&](const std::string& request) {
    RawClient client(server.port());
    client.send(request);
    return client.read_answer();
  };
  const std::string body = R"({"inputs":"good"})";
  const auto with_key = [&](const char* key) {
    return status(post("/predict", body, std::string("Authorization: Bearer ") + key + "\r\n"));
  };
  CHECK(has(status(post("/predict", body)), "HTTP/1.1 401 "));
  CHECK(has(with_key("wrong"), "HTTP/1.1 401 "));
  CHECK(has(with_key("user"), "HTTP/1.1 200 "));
  CHECK(has(with_key("admin"), "HTTP/1.1 200 "));
  CHECK(has(status("GET /health HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200 "));
  const std::string admin = "GET /admin/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ";
  CHECK(has(status(admin + "user\r\n\r\n"), "HTTP/1.1 401 "));
  CHECK(has(status(admin + "admin\r\n\r\n"), "HTTP/1.1 200 "));
  const std::string page = "OPTIONS /predict HTTP/1.1\r\nHost: x\r\nOrigin: https://page\r\n\r\n";
  CHECK(has(status(page), "Access-Control-Allow-Origin: https://page"));
  const std::string other = "OPTIONS /predict HTTP/1.1\r\nHost: x\r\nOrigin: https://other\r\n\r\n";
  CHECK_FALSE(has(status(other), "Access-Control-Allow-Origin"));
}

}  // namespace
}  // namespace valence::serve
