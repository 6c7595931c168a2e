#include "serve/api.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <random>
#include <thread>
#include <utility>

#include "serve/routes/routes.h"
#include "valence/error.h"

namespace valence::serve {
namespace {

// A request id that a client may give: what can be printed, and not too much of it.
bool is_good_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

std::string random_id() {
  thread_local std::mt19937_64 engine(std::random_device{}());
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id;
  for (int i = 0; i < 2; ++i)
    for (std::uint64_t bits = engine(), k = 0; k < 16; ++k, bits >>= 4)
      id += kDigits[static_cast<std::size_t>(bits & 15)];
  return id;
}

std::string joined(const std::vector<std::string_view>& methods) {
  std::string text;
  for (const std::string_view method : methods) {
    text += (text.empty() ? "" : ", ") + std::string(method);
    if (method == "GET") text += ", HEAD";
  }
  return text;
}

FailureKind kind_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kCorrupt:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kUnsupported:
      return FailureKind::kInvalid;
    default:
      return FailureKind::kInternal;
  }
}

}  // namespace

Failure failure_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const RequestError& found) {
    return found.failure();
  } catch (const Error& found) {
    return {kind_of(found.code()), found.what(), {}};
  } catch (const std::bad_alloc&) {
    return {FailureKind::kUnavailable, "there is not enough memory for this request now", {}};
  } catch (const std::exception& found) {
    return {FailureKind::kInternal, std::string("a defect of this server: ") + found.what(), {}};
  }
}

// ---- calls ------------------------------------------------------------------------------------

Call::Call(Api& owner) : api(&owner) {
  ++api->active_;
}

Call::~Call() {
  --api->active_;
}

void Call::answer(std::function<HttpResponse()> make) {
  // The call lives in what the reply holds, until the answer is made.
  reply([self = shared_from_this(), make = std::move(make)] {
    HttpResponse response;
    try {
      response = make();
    } catch (...) {
      const Failure failure = failure_of(std::current_exception());
      self->entry.error = failure.message;
      response = self->protocol().fail(failure);
    }
    return self->api->finish(*self, std::move(response));
  });
}

void Call::answer(HttpResponse response) {
  answer([response = std::move(response)] { return response; });
}

void Call::fail(const Failure& failure) {
  answer([failure]() -> HttpResponse {
    throw RequestError(failure.kind, failure.message, failure.where);
  });
}

// ---- the service ------------------------------------------------------------------------------

Api::Api(const ServeOptions& options, Models& models, Scheduler& scheduler, Metrics& metrics,
         AccessLog& log, std::vector<AnswerObserver*> observers, ResultRecorder* recorder)
    : options_(options),
      models_(models),
      scheduler_(scheduler),
      metrics_(metrics),
      log_(log),
      observers_(std::move(observers)),
      recorder_(recorder),
      cache_(options.cache_bytes, metrics),
      router_(routes()),
      keys_(std::make_shared<const Keys>(options.keys)),
      admin_keys_(std::make_shared<const Keys>(options.admin_keys)),
      helpers_(std::make_unique<ThreadPool>(1 + options.listen.threads)),
      loader_(std::make_unique<ThreadPool>(2)),
      readers_(std::make_unique<ThreadPool>(3)) {
  metrics.gauge("valence_active_requests", "Requests that are read or answered now.",
                [this] { return static_cast<double>(active_); });
}

Api::~Api() {
  stop_streams();
}

void Api::stop_helpers() {
  helpers_.reset();
  loader_.reset();
  readers_.reset();
}

void Api::stop_streams() {
  std::unique_lock lock(streams_mutex_);
  stream_ended_.wait(lock, [this] { return streams_ == 0; });
}

bool Api::begin_stream() {
  const std::lock_guard lock(streams_mutex_);
  if (streams_ >= options_.limits.bulk_jobs) return false;
  ++streams_;
  return true;
}

void Api::end_stream() {
  const std::lock_guard lock(streams_mutex_);
  --streams_;
  stream_ended_.notify_all();
}

void Api::set_keys(Keys keys, Keys admin_keys) {
  const std::lock_guard lock(keys_mutex_);
  keys_ = std::make_shared<const Keys>(std::move(keys));
  admin_keys_ = std::make_shared<const Keys>(std::move(admin_keys));
}

CallPtr Api::begin(const HttpRequest& head) {
  auto call = std::make_shared<Call>(*this);
  const std::string_view id = head.fields.get("x-request-id");
  call->entry.request_id = is_good_id(id) ? std::string(id) : random_id();
  call->entry.time = std::chrono::system_clock::now();
  call->entry.method = head.method;
  call->entry.route = "none";
  if (options_.log_clients) call->entry.client = head.client;
  call->http = head;
  return call;
}

BodyPlan Api::plan(const HttpRequest& head, std::size_t body_bytes) {
  BodyPlan plan;
  const CallPtr call = begin(head);
  try {
    if (!options_.root_path.empty() && head.path == options_.root_path) {
      plan.refusal = finish(*call, to_slash());
      plan.kind = BodyPlan::Kind::kRefuse;
      return plan;
    }
    RouteMatch match = router_.find(head.method, below_root(head.path));
    if (head.method == "OPTIONS" && match.route == nullptr && !match.methods.empty()) {
      plan.refusal = finish(*call, answer_preflight(*call, match));
      plan.kind = BodyPlan::Kind::kRefuse;
      return plan;
    }
    if (match.route == nullptr && !match.methods.empty()) {
      HttpResponse response =
          kTei.fail({FailureKind::kMethod, "this path takes " + joined(match.methods), {}});
      response.fields.add("Allow", joined(match.methods) + ", OPTIONS");
      plan.refusal = finish(*call, std::move(response));
      plan.kind = BodyPlan::Kind::kRefuse;
      return plan;
    }
    if (match.route == nullptr)
      throw RequestError(FailureKind::kNoRoute,
                         "there is nothing at this path; GET /openapi.json tells what there is");
    call->route = match.route;
    call->model = std::move(match.model);
    call->entry.route = match.route->pattern;
    admit(*call, body_bytes);
    plan.kind = match.route->stream != nullptr ? BodyPlan::Kind::kStream : BodyPlan::Kind::kBuffer;
    plan.limit = options_.limits.body_bytes;
    plan.ticket = call;
  } catch (...) {
    const Failure failure = failure_of(std::current_exception());
    call->entry.error = failure.message;
    plan.refusal = finish(*call, call->protocol().fail(failure));
    plan.kind = BodyPlan::Kind::kRefuse;
  }
  return plan;
}

// The path as the table of routes knows it.
std::string_view Api::below_root(std::string_view path) const {
  const std::string& root = options_.root_path;
  const bool below =
      path.size() > root.size() && path.starts_with(root) && path[root.size()] == '/';
  return below ? path.substr(root.size()) : path;
}

// The page's URLs are relative: they need the slash at the end of its own.
HttpResponse Api::to_slash() const {
  HttpResponse response;
  response.status = 308;
  response.content_type.clear();
  const std::string& root = options_.root_path;
  response.fields.add("Location", root.substr(root.rfind('/') + 1) + "/");
  return response;
}

// Whether the request may be read. Throws RequestError where not.
void Api::admit(Call& call, std::size_t body_bytes) {
  const Route& route = *call.route;
  if (route.access != Access::kOpen) check_key(call);
  if (draining_ && route.access != Access::kOpen)
    throw RequestError(FailureKind::kUnavailable, "the server is ending");
  const std::string_view encoding = call.http.fields.get("content-encoding");
  const bool plain = encoding.empty() || encoding == "identity";
  if (!plain && !(route.stream != nullptr && encoding == "gzip"))
    throw RequestError(FailureKind::kMediaType,
                       "the body's Content-Encoding is not understood; send it as it is");
  if (route.stream == nullptr) reserve(call, std::min(body_bytes, options_.limits.body_bytes));
}

void Api::check_key(const Call& call) const {
  std::shared_ptr<const Keys> keys;
  std::shared_ptr<const Keys> admin_keys;
  {
    const std::lock_guard lock(keys_mutex_);
    keys = keys_;
    admin_keys = admin_keys_;
  }
  const bool admin = call.route->access == Access::kAdmin;
  if (admin && admin_keys->empty())
    throw RequestError(FailureKind::kForbidden,
                       "models cannot be changed: the server was started without --admin-key-file");
  if (!admin && keys->empty()) return;
  const std::string_view key = bearer_key(call.http.fields.get("authorization"));
  // Both are looked at, so that time tells nothing.
  const bool is_admin = admin_keys->has(key);
  const bool is_user = keys->has(key);
  if (admin ? is_admin : is_admin || is_user) return;
  throw RequestError(FailureKind::kUnauthorized, key.empty()
                                                     ? "a key is needed: Authorization: Bearer KEY"
                                                     : "the key is wrong");
}

// Memory for the body, until the call ends.
void Api::reserve(Call& call, std::size_t bytes) {
  const std::size_t before = reserved_.fetch_add(bytes);
  call.memory = std::shared_ptr<void>(nullptr, [this, bytes](void*) { reserved_ -= bytes; });
  if (before > 0 && before + bytes > options_.limits.memory_bytes)
    throw RequestError(FailureKind::kOverloaded,
                       "the requests that are being read fill the server's memory");
}

void Api::handle(HttpRequest request, Reply reply) {
  const auto call = std::static_pointer_cast<Call>(std::move(request.ticket));
  call->http = std::move(request);
  call->reply = std::move(reply);
  call->entry.bytes_in = call->http.body.size();
  try {
    call->route->handle(*this, call);
  } catch (...) {
    call->fail(failure_of(std::current_exception()));
  }
}

void Api::stream(HttpRequest head, std::shared_ptr<HttpStream> stream) {
  auto call = std::static_pointer_cast<Call>(std::move(head.ticket));
  call->http = std::move(head);
  if (!begin_stream()) {
    const Failure failure{FailureKind::kOverloaded,
                          "as many streams as the server takes are being labelled; try again later",
                          {}};
    call->entry.error = failure.message;
    return stream->respond(finish(*call, call->protocol().fail(failure)));
  }
  std::thread([this, call = std::move(call), stream = std::move(stream)]() mutable {
    call->route->stream(*this, call, *stream);
    stream.reset();
    call.reset();
    end_stream();  // the last use of the Api: stop_streams waits for it
  }).detach();
}

HttpResponse Api::refuse(const HttpRequest& head, int status, std::string_view why) {
  const bool known = head.ticket != nullptr;
  const CallPtr call = known ? std::static_pointer_cast<Call>(head.ticket) : begin(head);
  const Failure failure{serve::kind_of(status), std::string(why), {}};
  call->entry.error = failure.message;
  return finish(*call, call->protocol().fail(failure));
}

HttpResponse Api::finish(Call& call, HttpResponse response) {
  response.fields.add("x-request-id", call.entry.request_id);
  if (response.status == 429 || response.status == 503) {
    const auto wait = std::chrono::duration<double>(scheduler_.expected_wait()).count();
    response.fields.add("Retry-After", std::to_string(std::max(1L, std::lround(std::ceil(wait)))));
  }
  if (response.status == 401) response.fields.add("WWW-Authenticate", "Bearer");
  if (draining_) response.close = true;
  add_cors(call, response);
  AccessEntry& entry = call.entry;
  entry.status = response.status;
  entry.bytes_out = std::max(entry.bytes_out, response.body.size());
  entry.seconds = std::chrono::duration<double>(Clock::now() - call.http.received).count();
  const MetricLabels labels{{"route", entry.route}, {"code", std::to_string(entry.status)}};
  metrics_.counter("valence_requests_total", "Requests answered.", labels).add();
  metrics_
      .histogram("valence_request_seconds", "Time from a request's header to its answer.",
                 second_bounds(), {{"route", entry.route}})
      .observe(entry.seconds);
  if (entry.texts > 0) {
    const MetricLabels model{{"model", entry.model}};
    metrics_.counter("valence_texts_total", "Texts labelled.", model).add(entry.texts);
    metrics_.counter("valence_tokens_total", "Tokens of texts labelled.", model).add(entry.tokens);
    metrics_
        .histogram("valence_tokenize_seconds", "Time to tokenize a request's texts.",
                   second_bounds())
        .observe(entry.tokenize_seconds);
    metrics_
        .histogram("valence_inference_seconds",
                   "Time from a request's first batch to the end of its last.", second_bounds())
        .observe(entry.inference_seconds);
  }
  log_.write(entry);
  return response;
}

// ---- CORS -------------------------------------------------------------------------------------

HttpResponse Api::answer_preflight(const Call& call, const RouteMatch& match) const {
  HttpResponse response;
  response.status = 204;
  response.content_type.clear();
  response.fields.add("Allow", joined(match.methods) + ", OPTIONS");
  if (call.http.fields.get("origin").empty() || options_.cors_origins.empty()) return response;
  response.fields.add("Access-Control-Allow-Methods", joined(match.methods));
  response.fields.add("Access-Control-Allow-Headers", "authorization, content-type, x-request-id");
  response.fields.add("Access-Control-Max-Age", "600");
  return response;
}

void Api::add_cors(const Call& call, HttpResponse& response) const {
  if (options_.cors_origins.empty()) return;
  const std::string_view origin = call.http.fields.get("origin");
  for (const std::string& allowed : options_.cors_origins)
    if (allowed == "*" || allowed == origin) {
      response.fields.add("Access-Control-Allow-Origin", allowed);
      response.fields.add("Access-Control-Expose-Headers", "x-request-id, x-truncated, x-windows");
      break;
    }
  response.fields.add("Vary", "Origin");
}

}  // namespace valence::serve
