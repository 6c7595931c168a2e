#include "serve/recorder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "data/polarity.h"
#include "valence/error.h"

namespace valence::serve {
namespace {

using std::chrono::seconds;

constexpr std::size_t kBatchRows = 2000;
constexpr std::chrono::milliseconds kGather{200};  // rows are written together
constexpr seconds kRetry{2};
constexpr std::uint64_t kTrimRows = 10'000;  // between two looks at the limits
constexpr seconds kTrimTime{600};
constexpr std::size_t kRowBytes = 400;  // of a row beside its text, about

std::int64_t unix_milliseconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::string text_of(const Input& input) {
  if (const auto* text = std::get_if<std::string>(&input)) return *text;
  if (const auto* pair = std::get_if<TextPair>(&input)) return pair->first + "\n" + pair->second;
  return {};
}

// Where the answer has the shares of all labels: a request may ask for some of them, or for logits.
std::optional<double> polarity_of_scores(
    const std::vector<std::pair<std::string, double>>& labelled) {
  std::vector<std::string> names;
  std::vector<double> scores;
  names.reserve(labelled.size());
  scores.reserve(labelled.size());
  for (const auto& [label, score] : labelled) {
    if (score < 0 || score > 1) return std::nullopt;
    names.push_back(label);
    scores.push_back(score);
  }
  const std::vector<double> worths = worths_of(names);
  if (worths.empty()) return std::nullopt;
  return polarity_of(scores, worths);
}

StoredResult result_of(const AnswerEvent& event, std::size_t i, std::int64_t now, bool texts) {
  const Classification& answer = event.answers[i];
  StoredResult result;
  result.time = now;
  result.model = event.model;
  result.source = event.route;
  result.error = answer.error;
  if (texts) result.text = text_of(event.inputs[i]);
  if (answer.scores.empty()) return result;
  result.label = answer.scores.front().label;
  result.score = static_cast<double>(answer.scores.front().score);
  result.scores.reserve(answer.scores.size());
  for (const LabelScore& entry : answer.scores)
    result.scores.emplace_back(entry.label, static_cast<double>(entry.score));
  return result;
}

}  // namespace

ResultRecorder::ResultRecorder(StoreOptions options, Metrics& metrics)
    : options_(std::move(options)),
      written_(metrics.counter("valence_store_rows_total", "Answers written to the store.")),
      dropped_(metrics.counter("valence_store_dropped_total",
                               "Answers that found no room to wait for the store.")),
      failures_(metrics.counter("valence_store_failures_total",
                                "Times that writing to the store failed.")) {
  store_.emplace(options_.path, ResultStore::Mode::kWrite, options_.patience);
  thread_ = std::thread([this] { work(); });
}

ResultRecorder::~ResultRecorder() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ResultRecorder::answered(const AnswerEvent& event) {
  const std::int64_t now = unix_milliseconds(std::chrono::system_clock::now());
  std::vector<Waiting> rows;
  rows.reserve(event.answers.size());
  for (std::size_t i = 0; i < event.answers.size(); ++i) {
    StoredResult result = result_of(event, i, now, options_.texts);
    const std::size_t bytes = kRowBytes + (result.text ? result.text->size() : 0);
    const bool complete = result.scores.size() == event.labels;
    rows.push_back({std::move(result), bytes, complete});
  }
  std::size_t lost = 0;
  {
    const std::lock_guard lock(mutex_);
    for (Waiting& row : rows) {
      if (queue_.size() + writing_ >= options_.queue_rows ||
          queue_bytes_ + row.bytes > options_.queue_bytes) {
        ++lost;
        continue;
      }
      queue_bytes_ += row.bytes;
      queue_.push_back(std::move(row));
    }
  }
  if (lost > 0) dropped_.add(lost);
  changed_.notify_all();
}

ResultRecorder::Status ResultRecorder::status() const {
  const std::lock_guard lock(mutex_);
  return {written_.value(), dropped_.value(), queue_.size() + writing_, trouble_};
}

void ResultRecorder::flush() {
  std::unique_lock lock(mutex_);
  const std::uint64_t before = attempts_;
  settled_.wait(lock, [&] {
    return queue_.size() + writing_ == 0 || (!trouble_.empty() && attempts_ > before);
  });
}

void ResultRecorder::work() {
  std::unique_lock lock(mutex_);
  std::vector<Waiting> batch;  // what could not be written stays in it
  while (true) {
    changed_.wait(lock, [&] { return ending_ || !queue_.empty() || !batch.empty(); });
    if (queue_.empty() && batch.empty()) return;
    // While all is well: a moment, so that rows are written together. Else: until it may be better.
    const std::chrono::milliseconds pause = trouble_.empty() ? kGather : kRetry;
    changed_.wait_for(lock, pause,
                      [&] { return ending_ || (trouble_.empty() && queue_.size() >= kBatchRows); });
    while (batch.size() < kBatchRows && !queue_.empty()) {
      queue_bytes_ -= queue_.front().bytes;
      batch.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    writing_ = batch.size();
    const bool last_try = ending_;
    lock.unlock();
    const bool written = write(batch);
    lock.lock();
    if (written || last_try) {
      if (!written) dropped_.add(batch.size() + queue_.size());
      if (!written) queue_.clear();
      batch.clear();
      writing_ = 0;
    }
    ++attempts_;
    settled_.notify_all();
  }
}

bool ResultRecorder::write(const std::vector<Waiting>& batch) {
  std::vector<StoredResult> results;
  results.reserve(batch.size());
  for (const Waiting& row : batch) {
    results.push_back(row.result);
    if (row.complete) results.back().polarity = polarity_of_scores(row.result.scores);
  }
  try {
    if (!store_) store_.emplace(options_.path, ResultStore::Mode::kWrite, options_.patience);
    store_->append(results);
    written_.add(batch.size());
    written_since_trim_ += batch.size();
    note_trouble({});
    trim();
    return true;
  } catch (const Error& error) {
    store_.reset();  // the file may be another one by the next time
    failures_.add();
    note_trouble(error.what());
    return false;
  }
}

// What is too old or too much goes, now and then. A failure here loses nothing.
void ResultRecorder::trim() {
  const auto now = std::chrono::steady_clock::now();
  if (written_since_trim_ < kTrimRows && now - trimmed_at_ < kTrimTime) return;
  written_since_trim_ = 0;
  trimmed_at_ = now;
  try {
    store_->trim(options_.rows, unix_milliseconds(std::chrono::system_clock::now() - options_.age));
  } catch (const Error&) {
    failures_.add();
  }
}

void ResultRecorder::note_trouble(const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    if (trouble_.empty() == why.empty()) {
      trouble_ = why;
      return;
    }
    trouble_ = why;
  }
  if (!options_.warn) return;
  options_.warn(why.empty() ? "answers are written to the store again"
                            : "answers cannot be written to the store now: " + why);
}

}  // namespace valence::serve
