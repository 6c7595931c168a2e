// engine_worker: this engine as one of those that bench/peers measures side by side.
//
// Reads requests, a JSON object a line, from standard input, and answers each with one line; the
// requests are listed in bench/peers/worker.py. It uses the public interface alone, but for the
// time that tokenizing takes.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/mapped_file.h"
#include "base/thread_pool.h"
#include "format/model_file.h"
#include "text/tokenizer.h"
#include "valence/classifier.h"

namespace valence {
namespace {

const std::map<std::string, Precision, std::less<>> kPrecisions{
    {"int8", Precision::kInt8}, {"bf16", Precision::kBf16}, {"fp32", Precision::kFp32}};

// Longer texts are cut, as all peers do; scores are those of the bare model.
constexpr ClassifyOptions kOptions{.long_text = LongText::kTruncate, .calibrated = false};

class Clock {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// A file that holds a JSON array of texts.
class Texts {
 public:
  explicit Texts(const std::string& path) {
    const Json list = parse_json(MappedFile(path).text(), path);
    const JsonRef rows(list, path + ": ");
    for (std::size_t i = 0; i < rows.size(); ++i) strings_.push_back(rows.at(i).string());
    views_.assign(strings_.begin(), strings_.end());
  }

  const std::vector<std::string_view>& views() const { return views_; }

 private:
  std::vector<std::string> strings_;
  std::vector<std::string_view> views_;
};

class Worker {
 public:
  Json answer(const JsonRef& request) {
    const std::string what = request.at("do").string();
    if (what == "load") return load(request);
    const Texts texts(request.at("texts").string());
    if (what == "answers") return answers(texts);
    if (what == "stream") return stream(texts);
    if (what == "single") return single(texts);
    if (what == "tokenize") return tokenize(texts);
    throw Error(ErrorCode::kInvalidArgument, "unknown request '" + what + "'");
  }

 private:
  Json load(const JsonRef& request) {
    const Clock clock;
    model_ = request.at("model").string();
    LoadOptions options;
    options.threads = threads_ = static_cast<std::size_t>(request.at("threads").integer());
    const std::string precision = request.at("precision").string();
    const auto found = kPrecisions.find(precision);
    if (found == kPrecisions.end())
      throw Error(ErrorCode::kInvalidArgument, "unknown precision '" + precision + "'");
    options.precision = found->second;
    classifier_ = std::make_unique<Classifier>(Classifier::load(model_, options));
    return {{"seconds", clock.seconds()},
            {"window", classifier_->info().window},
            {"labels", classifier_->info().labels}};
  }

  const Classifier& classifier() const {
    if (!classifier_) throw Error(ErrorCode::kInvalidArgument, "no model is loaded");
    return *classifier_;
  }

  // As the peers do: the processor has been another process's.
  void warm_up(const Texts& texts) const {
    const std::size_t few = std::min<std::size_t>(texts.views().size(), 8);
    classifier().classify(std::span(texts.views()).first(few), kOptions);
  }

  Json answers(const Texts& texts) const {
    Json rows = Json::array();
    for (const Classification& answer : classifier().classify(texts.views(), kOptions)) {
      if (!answer.error.empty()) throw Error(ErrorCode::kInvalidArgument, answer.error);
      std::vector<float> row(answer.scores.size());
      for (const LabelScore& score : answer.scores)
        row[static_cast<std::size_t>(score.id)] = score.score;
      rows.push_back(row);
    }
    return {{"probabilities", rows}};
  }

  Json stream(const Texts& texts) const {
    warm_up(texts);
    const Clock clock;
    const auto found = classifier().classify(texts.views(), kOptions);
    return {{"seconds", clock.seconds()}, {"texts", found.size()}};
  }

  Json single(const Texts& texts) const {
    warm_up(texts);
    std::vector<double> seconds;
    seconds.reserve(texts.views().size());
    for (const std::string_view text : texts.views()) {
      const Clock clock;
      classifier().classify(text, kOptions);
      seconds.push_back(clock.seconds());
    }
    return {{"seconds", seconds}};
  }

  // The window's tokens, special ones included, are what the network sees.
  Json tokenize(const Texts& texts) {
    if (!tokenizer_) {
      tokenizer_.emplace(open_model_file(model_).tokenizer);
      pool_ = std::make_unique<ThreadPool>(threads_);
    }
    const auto& views = texts.views();
    std::vector<std::size_t> lengths(views.size());
    const Clock clock;
    pool_->for_each(views.size(),
                    [&](std::size_t i) { lengths[i] = tokenizer_->tokenize(views[i]).size(); });
    const double seconds = clock.seconds();
    for (std::size_t& length : lengths)
      length = std::min(length + tokenizer_->special_count(), classifier().info().window);
    return {{"seconds", seconds}, {"lengths", lengths}};
  }

  std::string model_;
  std::size_t threads_ = 1;
  std::unique_ptr<Classifier> classifier_;
  std::optional<Tokenizer> tokenizer_;
  std::unique_ptr<ThreadPool> pool_;
};

int serve() {
  Worker worker;
  for (std::string line; std::getline(std::cin, line);) {
    Json reply;
    try {
      const Json request = parse_json(line, "request");
      reply = worker.answer(JsonRef(request, "request: "));
    } catch (const Error& error) {
      reply = {{"error", error.what()}};
    }
    std::cout << reply.dump() << '\n' << std::flush;
  }
  return 0;
}

}  // namespace
}  // namespace valence

int main() {
  return valence::serve();
}
