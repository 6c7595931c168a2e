// The server behind its sockets: routes, keys, limits, and what the routes share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "serve/access_log.h"
#include "serve/auth.h"
#include "serve/cache.h"
#include "serve/http/message.h"
#include "serve/kept_reports.h"
#include "serve/metrics.h"
#include "serve/models.h"
#include "serve/observer.h"
#include "serve/options.h"
#include "serve/router.h"
#include "serve/scheduler.h"

namespace valence::serve {

// A request from its header to its answer.
struct Call : std::enable_shared_from_this<Call> {
  explicit Call(Api& owner);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  Api* const api;
  const Route* route = nullptr;  // null: there is none
  std::string model;             // that the path names
  HttpRequest http;
  Reply reply;
  AccessEntry entry;
  std::shared_ptr<void> memory;  // reserved for the body

  const Protocol& protocol() const { return route != nullptr ? *route->protocol : kTei; }

  // Answers; once. What `make` throws becomes the answer, in the protocol's shape.
  void answer(std::function<HttpResponse()> make);
  void answer(HttpResponse response);
  void fail(const Failure& failure);
};

// Turns what was thrown into a Failure.
Failure failure_of(const std::exception_ptr& error);

class Api final : public HttpService {
 public:
  // `observers` and `recorder` (null: answers are not kept) must outlive the Api.
  Api(const ServeOptions& options, Models& models, Scheduler& scheduler, Metrics& metrics,
      AccessLog& log, std::vector<AnswerObserver*> observers, ResultRecorder* recorder);
  ~Api() override;

  BodyPlan plan(const HttpRequest& head, std::size_t body_bytes) override;
  void handle(HttpRequest request, Reply reply) override;
  void stream(HttpRequest head, std::shared_ptr<HttpStream> stream) override;
  HttpResponse refuse(const HttpRequest& head, int status, std::string_view why) override;

  // New requests are refused from now on.
  void drain() { draining_ = true; }
  bool draining() const { return draining_; }
  std::size_t active_calls() const { return active_; }
  void set_keys(Keys keys, Keys admin_keys);
  // Waits for what runs on the Api's own threads: first for streams, which end when their
  // connections are cut, then for helpers.
  void stop_streams();
  void stop_helpers();

  // ---- for the routes ---------------------------------------------------------------------------

  const ServeOptions& options() const { return options_; }
  Models& models() { return models_; }
  Scheduler& scheduler() { return scheduler_; }
  Metrics& metrics() { return metrics_; }
  AnswerCache& cache() { return cache_; }
  const std::vector<AnswerObserver*>& observers() const { return observers_; }
  ResultRecorder* recorder() const { return recorder_; }
  KeptReports& kept_reports() { return kept_reports_; }
  // Work that is too long for an I/O thread; apart from it what may take much longer: loading
  // models, and reading the store.
  ThreadPool& helpers() { return *helpers_; }
  ThreadPool& loader() { return *loader_; }
  ThreadPool& readers() { return *readers_; }

  // The last thing that is done for a call: headers, metrics, log.
  HttpResponse finish(Call& call, HttpResponse response);

 private:
  friend struct Call;
  CallPtr begin(const HttpRequest& head);
  std::string_view below_root(std::string_view path) const;
  HttpResponse to_slash() const;
  void admit(Call& call, std::size_t body_bytes);
  void check_key(const Call& call) const;
  HttpResponse answer_preflight(const Call& call, const RouteMatch& match) const;
  void add_cors(const Call& call, HttpResponse& response) const;
  void reserve(Call& call, std::size_t bytes);
  bool begin_stream();
  void end_stream();

  const ServeOptions options_;
  Models& models_;
  Scheduler& scheduler_;
  Metrics& metrics_;
  AccessLog& log_;
  const std::vector<AnswerObserver*> observers_;
  ResultRecorder* const recorder_;
  AnswerCache cache_;
  Router router_;
  std::atomic<bool> draining_ = false;
  std::atomic<std::size_t> active_ = 0;
  std::atomic<std::size_t> reserved_ = 0;
  mutable std::mutex keys_mutex_;
  std::shared_ptr<const Keys> keys_, admin_keys_;
  std::mutex streams_mutex_;  // guards streams_
  std::condition_variable stream_ended_;
  std::size_t streams_ = 0;  // each has a thread of its own
  KeptReports kept_reports_;
  std::unique_ptr<ThreadPool> helpers_, loader_, readers_;
};

// The table of routes.
std::vector<Route> routes();

}  // namespace valence::serve
