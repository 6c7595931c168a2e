#include "serve/server.h"

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <utility>

#include "base/processors.h"
#include "base/thread_pool.h"
#include "serve/access_log.h"
#include "serve/api.h"
#include "serve/http/listener.h"
#include "serve/scheduler.h"
#include "valence/error.h"

namespace valence::serve {
namespace {

constexpr std::size_t kOtherDescriptors = 64;  // than connections

std::size_t threads_of(const ServeOptions& options) {
  return options.engine.threads == 0 ? available_processors() : options.engine.threads;
}

// As many descriptors as the system lets this process have; connections beyond them are none.
ListenOptions with_descriptors(ListenOptions listen) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return listen;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t most = std::max<std::size_t>(limit.rlim_cur, 2 * kOtherDescriptors);
  listen.limits.connections = std::min(listen.limits.connections, most - kOtherDescriptors);
  return listen;
}

std::filesystem::file_time_type changed_at(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::last_write_time(path, ignored);
}

std::unique_ptr<ResultRecorder> make_recorder(const StoreOptions& options, Metrics& metrics) {
  return options.path.empty() ? nullptr : std::make_unique<ResultRecorder>(options, metrics);
}

std::vector<AnswerObserver*> with(std::vector<AnswerObserver*> observers, AnswerObserver* more) {
  if (more != nullptr) observers.push_back(more);
  return observers;
}

Metrics::Series describe_models(const Models& models) {
  Metrics::Series series;
  for (const ModelPtr& model : models.all()) {
    const ModelInfo& info = model->steps.info();
    series.push_back({{{"model", model->name},
                       {"architecture", info.architecture},
                       {"format", info.format},
                       {"labels", std::to_string(info.labels.size())},
                       {"window", std::to_string(info.window)}},
                      1});
  }
  return series;
}

}  // namespace

struct Server::Parts {
  Parts(const ServeOptions& options, Models::Open open, std::vector<AnswerObserver*> observers)
      : certificate(options.listen.certificate),
        models(std::move(open), options.engine),
        log(options.access_log, metrics),
        recorder(make_recorder(options.store, metrics)),
        pool(threads_of(options) + 1, options.engine.pin_threads),
        scheduler(pool, options.scheduler, metrics),
        api(options, models, scheduler, metrics, log, with(std::move(observers), recorder.get()),
            recorder.get()),
        listener(with_descriptors(options.listen), api) {
    add_process_metrics(metrics);
    metrics.gauge("valence_connections", "Open connections.",
                  [this] { return static_cast<double>(listener.connections()); });
    if (recorder)
      metrics.gauge("valence_store_waiting", "Answers that wait to be written to the store.",
                    [this] { return static_cast<double>(recorder->status().waiting); });
    metrics.gauges("valence_model_info", "Models that are served.",
                   [this] { return describe_models(models); });
    metrics.gauges("valence_build_info", "The server's version.", [] {
      return Metrics::Series{{{{"version", VALENCE_VERSION}}, 1}};
    });
  }

  std::filesystem::path certificate;
  std::filesystem::file_time_type certificate_read = changed_at(certificate);
  Metrics metrics;
  Models models;
  AccessLog log;
  std::unique_ptr<ResultRecorder> recorder;  // null: answers are not kept
  ThreadPool pool;
  Scheduler scheduler;
  Api api;
  Listener listener;
  bool stopped = false;
};

Server::Server(const ServeOptions& options, Models::Open open,
               std::vector<AnswerObserver*> observers)
    : parts_(std::make_unique<Parts>(options, std::move(open), std::move(observers))) {
  parts_->models.replace_all(options.models, false);
}

Server::~Server() {
  stop();
}

void Server::start() {
  parts_->listener.start();
}

std::uint16_t Server::port() const {
  return parts_->listener.port();
}

void Server::reload(const ServeOptions& options) {
  std::string failed;
  const auto attempt = [&](const std::function<void()>& step) {
    try {
      step();
    } catch (const Error& error) {
      failed += (failed.empty() ? "" : "; ") + std::string(error.what());
    }
  };
  attempt([&] { parts_->log.reopen(); });
  attempt([&] { parts_->api.set_keys(Keys(options.keys), Keys(options.admin_keys)); });
  attempt([&] { parts_->listener.reload_certificate(); });
  attempt([&] { parts_->models.replace_all(options.models, true); });
  parts_->certificate_read = changed_at(parts_->certificate);
  if (!failed.empty()) throw Error(ErrorCode::kInvalidArgument, failed);
}

void Server::reload_changed_certificate() {
  if (parts_->certificate.empty()) return;
  const auto changed = changed_at(parts_->certificate);
  if (changed == parts_->certificate_read) return;
  parts_->certificate_read = changed;
  parts_->listener.reload_certificate();
}

void Server::begin_drain() {
  parts_->api.drain();
  parts_->listener.drain();
}

bool Server::drained() const {
  return parts_->listener.connections() == 0 && parts_->api.active_calls() == 0;
}

// The order matters: what still runs calls back to connections, so these go last.
void Server::stop() {
  if (std::exchange(parts_->stopped, true)) return;
  begin_drain();
  parts_->listener.cut();
  parts_->api.stop_streams();
  parts_->listener.stop();
  parts_->api.stop_helpers();
  parts_->scheduler.stop();
}

Metrics& Server::metrics() {
  return parts_->metrics;
}

Models& Server::models() {
  return parts_->models;
}

}  // namespace valence::serve
