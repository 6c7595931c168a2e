#include "serve/classify.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "serve/routes/routes.h"

namespace valence::serve {
namespace {

// Bodies above this are parsed and tokenized on a helper's thread, so that other connections of the
// I/O thread do not wait: some tenths of a millisecond.
constexpr std::size_t kQuickBytes = std::size_t{16} << 10;

double seconds_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

void append_number(std::string& key, std::size_t number) {
  key += std::to_string(number);
  key += ':';
}

}  // namespace

Classifying::Classifying(Api& api, ModelPtr model, ClassifyRequest request,
                         Clock::time_point received)
    : api_(api), request_(std::move(request)), received_(received), model_(std::move(model)) {}

std::size_t Classifying::characters() const {
  std::size_t bytes = 0;
  for (const Input& input : request_.inputs) {
    if (const auto* text = std::get_if<std::string>(&input)) bytes += text->size();
    if (const auto* pair = std::get_if<TextPair>(&input))
      bytes += pair->first.size() + pair->second.size();
  }
  return bytes;
}

PreparedText Classifying::prepare_one(const Input& input) const {
  const Steps& steps = model_->steps;
  if (const auto* text = std::get_if<std::string>(&input))
    return steps.prepare(*text, request_.input);
  if (const auto* pair = std::get_if<TextPair>(&input))
    return steps.prepare_pair(pair->first, pair->second, request_.input);
  return steps.prepare_ids(std::get<TokenIds>(input), request_.input);
}

// All that the network's answer depends on.
std::string Classifying::cache_key(const Input& input) const {
  std::string key;
  const InputOptions& options = request_.input;
  append_number(key, model_->generation);
  append_number(key, static_cast<std::size_t>(options.long_text));
  append_number(key, options.window_overlap);
  append_number(key, options.max_tokens);
  append_number(key, options.keep_end ? 1 : 0);
  append_number(key, input.index());
  if (const auto* text = std::get_if<std::string>(&input)) return key + *text;
  if (const auto* pair = std::get_if<TextPair>(&input)) {
    append_number(key, pair->first.size());
    return key + pair->first + pair->second;
  }
  for (const std::int32_t id : std::get<TokenIds>(input))
    append_number(key, static_cast<std::size_t>(id));
  return key;
}

void Classifying::prepare(bool strict) {
  const auto begin = Clock::now();
  job_ = std::make_shared<Job>();
  job_->model = model_;
  places_.reserve(request_.inputs.size());
  job_->texts.reserve(request_.inputs.size());
  for (const Input& input : request_.inputs) {
    Place place;
    if (api_.cache().enabled()) place.key = cache_key(input);
    if (!place.key.empty()) place.cached = api_.cache().find(place.key);
    if (!place.cached) {
      place.text = job_->texts.size();
      job_->texts.push_back(prepare_one(input));
      const PreparedText& text = job_->texts.back();
      if (strict && !text.error.empty())
        throw RequestError(text.is_too_long ? FailureKind::kTooLong : FailureKind::kInvalid,
                           "input " + std::to_string(places_.size()) + ": " + text.error, "inputs");
    }
    places_.push_back(std::move(place));
  }
  timings_.tokenize = seconds_between(begin, Clock::now());
}

void Classifying::submit(bool bulk, std::function<void()> done) {
  job_->bulk = bulk;
  job_->done = std::move(done);
  const auto timeout = request_.timeout.value_or(api_.options().limits.timeout);
  if (timeout.count() > 0 && !bulk) job_->deadline = received_ + timeout;
  if (!api_.scheduler().submit(job_))
    throw RequestError(FailureKind::kOverloaded,
                       "more texts wait than the server takes; try again in a moment");
}

std::vector<Classification> Classifying::answers() {
  if (job_->state == Job::State::kExpired)
    throw RequestError(FailureKind::kTimeout, "the request's time was up before it was its turn");
  if (job_->state == Job::State::kFailed)
    throw RequestError(FailureKind::kInternal, "the text could not be computed: " + job_->failure);
  timings_.queue = seconds_between(job_->submitted, job_->begun);
  timings_.inference = seconds_between(job_->begun, job_->finished);
  timings_.total = seconds_between(received_, Clock::now());
  std::vector<Classification> answers;
  answers.reserve(places_.size());
  for (Place& place : places_) {
    if (place.cached) {
      PreparedText text;
      text.plan = std::move(place.cached->plan);
      text.length = place.cached->length;
      answers.push_back(model_->steps.answer(text, place.cached->logits, request_.options));
      continue;
    }
    const PreparedText& text = job_->texts[place.text];
    const std::span<float> rows = job_->rows_of(place.text);
    if (!place.key.empty() && text.error.empty())
      api_.cache().insert(std::move(place.key),
                          {text.plan, text.length, {rows.begin(), rows.end()}});
    answers.push_back(model_->steps.answer(text, rows, request_.options));
  }
  return answers;
}

namespace {

// What the log says of a request's texts.
void note(Call& call, const Classifying& work, const std::vector<Classification>& answers) {
  AccessEntry& entry = call.entry;
  entry.model = work.model().name;
  entry.texts = answers.size();
  for (const Classification& answer : answers) entry.tokens += answer.tokens;
  entry.tokenize_seconds = work.timings().tokenize;
  entry.queue_seconds = work.timings().queue;
  entry.inference_seconds = work.timings().inference;
  if (!call.api->options().log_texts) return;
  for (const Input& input : work.request().inputs) {
    if (const auto* text = std::get_if<std::string>(&input)) entry.content.push_back(*text);
    if (const auto* pair = std::get_if<TextPair>(&input)) {
      entry.content.push_back(pair->first);
      entry.content.push_back(pair->second);
    }
  }
}

HttpResponse reply_to(Api& api, Call& call, Classifying& work) {
  const std::vector<Classification> answers = work.answers();
  note(call, work, answers);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const Outcome outcome{work.model().name,
                        work.model().steps.info(),
                        answers,
                        work.timings(),
                        call.entry.request_id,
                        std::chrono::duration_cast<std::chrono::seconds>(now).count(),
                        work.characters()};
  for (AnswerObserver* observer : api.observers())
    observer->answered({call.entry.request_id, call.route->pattern, work.model().name,
                        work.model().steps.width(), work.request().inputs, answers});
  return work.request().reply(work.request(), outcome);
}

void classify(Api& api, const CallPtr& call) {
  ClassifyRequest request = call->protocol().parse(call->http, api.options().defaults);
  const std::size_t most = api.options().limits.texts;
  if (request.inputs.size() > most)
    throw RequestError(FailureKind::kTooMany, "the request has " +
                                                  std::to_string(request.inputs.size()) +
                                                  " texts, at most " + std::to_string(most) +
                                                  " are taken; send several, or use POST /batch");
  ModelPtr model = need_model(api, call->model.empty() ? request.model : call->model);
  const auto work =
      std::make_shared<Classifying>(api, std::move(model), std::move(request), call->http.received);
  work->prepare(true);
  // From here on the job may end at any moment, on any thread.
  work->submit(false, [&api, call, work] {
    call->answer([&api, call, work] { return reply_to(api, *call, *work); });
  });
}

}  // namespace

void handle_classify(Api& api, const CallPtr& call) {
  const auto run = [&api, call] {
    try {
      classify(api, call);
    } catch (...) {
      call->fail(failure_of(std::current_exception()));
    }
  };
  if (call->http.body.size() <= kQuickBytes)
    run();
  else
    api.helpers().post(run);
}

}  // namespace valence::serve
