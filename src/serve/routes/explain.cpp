// POST /ui/explain: the answer to a text, which words moved it, and what each window of it says.
#include <algorithm>

#include "engine/occlusion.h"
#include "serve/routes/characters.h"
#include "serve/routes/routes.h"

namespace valence::serve {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kMostBytes = 100'000;  // of a text
constexpr std::size_t kMostParts = 256;      // that are left out one by one
constexpr std::size_t kLeastParts = 16;
// Tokens that may be spent on a text: as many parts are made as this allows.
constexpr std::size_t kTokenBudget = std::size_t{1} << 16;

// A text on its way to its explanation. One thread at a time.
class Explaining {
 public:
  Explaining(Api& api, CallPtr call) : api_(api), call_(std::move(call)) {}

  // Reads the request, and makes the texts that have to be classified.
  void prepare() {
    const Json json = parse_body(call_->http.body);
    const JsonRef body(json, "body");
    ClassifyRequest request;
    read_common(body, api_.options().defaults, request);
    model_ = need_model(api_, request.model);
    options_ = request.options;
    options_.top_k = 0;
    text_ = body.at("text").string();
    label_ = body.string_or("label", "");
    if (text_.empty()) throw RequestError(FailureKind::kEmpty, "`text` cannot be empty", "text");
    if (text_.size() > kMostBytes)
      throw RequestError(FailureKind::kTooLong,
                         "texts of up to " + std::to_string(kMostBytes) +
                             " bytes are explained; POST /predict takes longer ones",
                         "text");
    check_label();
    timeout_ = request.timeout.value_or(api_.options().limits.timeout);
    job_ = std::make_shared<Job>();
    job_->model = model_;
    job_->texts.push_back(model_->steps.prepare(text_, request.input));
    const PreparedText& whole = job_->texts.front();
    if (!whole.error.empty())
      throw RequestError(whole.is_too_long ? FailureKind::kTooLong : FailureKind::kInvalid,
                         whole.error, "text");
    spans_ = window_spans(whole);
    plan_ = plan_occlusion(text_, spans_, most_parts(whole));
    job_->texts.reserve(1 + plan_.texts.size());
    for (const OccludedText& text : plan_.texts)
      job_->texts.push_back(model_->steps.prepare(text.text, request.input));
  }

  void submit(std::function<void()> done) {
    job_->done = std::move(done);
    if (timeout_.count() > 0) job_->deadline = call_->http.received + timeout_;
    if (!api_.scheduler().submit(job_))
      throw RequestError(FailureKind::kOverloaded,
                         "more texts wait than the server takes; try again in a moment");
  }

  HttpResponse reply() {
    if (job_->state == Job::State::kExpired)
      throw RequestError(FailureKind::kTimeout, "the request's time was up before it was its turn");
    if (job_->state == Job::State::kFailed)
      throw RequestError(FailureKind::kInternal,
                         "the text could not be computed: " + job_->failure);
    const Classification answer = model_->steps.answer(job_->texts[0], job_->rows_of(0), options_);
    note();
    const std::int32_t id = explained(answer);
    return json_response({{"model", model_->name},
                          {"label", model_->steps.info().labels[static_cast<std::size_t>(id)]},
                          {"scores", list_of(answer, false)},
                          {"tokens", answer.tokens},
                          {"truncated", answer.truncated},
                          {"words_in_a_part", plan_.words_in_a_part},
                          {"parts", parts(id)},
                          {"windows", windows()}});
  }

 private:
  void check_label() const {
    const std::vector<std::string>& labels = model_->steps.info().labels;
    if (!label_.empty() && std::find(labels.begin(), labels.end(), label_) == labels.end())
      throw RequestError(FailureKind::kInvalid, "the model has no label of that name", "label");
  }

  // The bytes of the text that each window shows.
  std::vector<TextSpan> window_spans(const PreparedText& whole) const {
    const std::size_t count = whole.plan.windows.size();
    std::vector<TextSpan> spans(count);
    for (std::size_t w = 0; w < count; ++w) {
      const Window window = whole.plan.windows[w];
      const bool last = w + 1 == count && !whole.plan.truncated;
      const auto end = static_cast<std::uint32_t>(text_.size());
      spans[w].begin = window.begin == 0 ? 0 : whole.tokens.offsets[window.begin].begin;
      spans[w].end = last ? end : whole.tokens.offsets[window.end - 1].end;
    }
    return spans;
  }

  static std::size_t most_parts(const PreparedText& whole) {
    const std::vector<Window>& windows = whole.plan.windows;
    const std::size_t tokens = std::max<std::size_t>(1, windows.front().end);
    return std::clamp(kTokenBudget / tokens, kLeastParts, kMostParts);
  }

  // The label whose score is explained: the one asked for, else the best.
  std::int32_t explained(const Classification& answer) const {
    const auto found =
        std::find_if(answer.scores.begin(), answer.scores.end(),
                     [this](const LabelScore& entry) { return entry.label == label_; });
    return found == answer.scores.end() ? answer.scores.front().id : found->id;
  }

  OrderedJson parts(std::int32_t id) {
    std::vector<double> scores;
    scores.reserve(plan_.texts.size());
    double whole = 0;
    for (std::size_t i = 0; i < plan_.texts.size(); ++i) {
      const double score = score_of(i + 1, id, whole);
      if (plan_.texts[i].part == OccludedText::kNothing) whole = score;
      scores.push_back(score);
    }
    std::vector<double> weights;
    for (const Window& window : job_->texts[0].plan.windows) weights.push_back(weight_of(window));
    const std::vector<double> changes = part_changes(plan_, scores, weights);
    const std::vector<std::uint32_t> characters = characters_before(text_);
    OrderedJson list = OrderedJson::array();
    for (std::size_t p = 0; p < changes.size(); ++p)
      list.push_back({{"start", characters[plan_.parts[p].begin]},
                      {"stop", characters[plan_.parts[p].end]},
                      {"change", changes[p]}});
    return list;
  }

  // Of text number `i` of the job; the fallback where nothing is left that could have a score.
  double score_of(std::size_t i, std::int32_t id, double fallback) {
    const Classification answer = model_->steps.answer(job_->texts[i], job_->rows_of(i), options_);
    for (const LabelScore& entry : answer.scores)
      if (entry.id == id) return static_cast<double>(entry.score);
    return fallback;
  }

  // After reply() has turned the whole text's logits into scores.
  OrderedJson windows() {
    const std::vector<std::uint32_t> characters = characters_before(text_);
    const std::span<float> rows = job_->rows_of(0);
    const std::size_t width = model_->steps.width();
    OrderedJson list = OrderedJson::array();
    for (std::size_t w = 0; w < spans_.size(); ++w) {
      Classification own;
      own.scores = rank(rows.subspan(w * width, width), model_->steps.labels(), 0);
      list.push_back({{"start", characters[spans_[w].begin]},
                      {"stop", characters[spans_[w].end]},
                      {"scores", list_of(own, false)}});
    }
    return list;
  }

  // What the log says of it.
  void note() {
    AccessEntry& entry = call_->entry;
    entry.model = model_->name;
    entry.texts = job_->texts.size();
    for (const PreparedText& text : job_->texts) entry.tokens += text.length;
    if (api_.options().log_texts) entry.content.push_back(text_);
    entry.queue_seconds = std::chrono::duration<double>(job_->begun - job_->submitted).count();
    entry.inference_seconds = std::chrono::duration<double>(job_->finished - job_->begun).count();
  }

  Api& api_;
  const CallPtr call_;
  ModelPtr model_;
  ClassifyOptions options_;
  std::string text_, label_;
  std::chrono::milliseconds timeout_{0};
  std::vector<TextSpan> spans_;
  OcclusionPlan plan_;
  JobPtr job_;
};

}  // namespace

void handle_explain(Api& api, const CallPtr& call) {
  api.helpers().post([&api, call] {
    try {
      const auto work = std::make_shared<Explaining>(api, call);
      work->prepare();
      // From here on the job may end at any moment, on any thread.
      work->submit([call, work] { call->answer([work] { return work->reply(); }); });
    } catch (...) {
      call->fail(failure_of(std::current_exception()));
    }
  });
}

}  // namespace valence::serve
