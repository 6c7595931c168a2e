#include "apps/cli/log_sink.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "data/csv_writer.h"
#include "data/polarity.h"
#include "store/csv_log.h"
#include "store/result_store.h"
#include "trends/periods.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto kStoreEndings = std::to_array<std::string_view>({".db", ".sqlite", ".sqlite3"});

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::kInvalidArgument, why);
}

std::int64_t now_in_milliseconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// The seam between the two kinds of logs.
class Log {
 public:
  Log() = default;
  virtual ~Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  virtual std::optional<StoredRun> find_run(const std::string& key) = 0;
  // All of it or nothing.
  virtual void append(std::span<const LabeledRow> rows, const StoredRun* run) = 0;
};

class CsvRows final : public Log {
 public:
  explicit CsvRows(const LogOptions& options)
      : options_(options), writer_(write_options(options)), log_(options.path, columns(options)) {}

  std::optional<StoredRun> find_run(const std::string& key) override { return log_.find_run(key); }

  void append(std::span<const LabeledRow> rows, const StoredRun* run) override {
    const std::string time = date_and_time_of(now_in_milliseconds() / 1000) + "Z";
    std::string text;
    for (LabeledRow row : rows) {
      row.row.values.push_back(time);
      row.row.values.push_back(options_.model);
      writer_.write(row, text);
    }
    log_.append(text, run);
  }

 private:
  static WriteOptions write_options(const LogOptions& options) {
    WriteOptions write;
    write.columns = options.columns;
    write.columns.insert(write.columns.end(), {kLabelledAt, kLabelledBy});
    write.added = options.added;
    return write;
  }

  static std::vector<std::string> columns(const LogOptions& options) {
    std::vector<std::string> names = write_options(options).columns;
    for (std::string& name : options.added.names()) names.push_back(std::move(name));
    return names;
  }

  const LogOptions& options_;
  CsvWriter writer_;
  CsvLog log_;
};

class StoreRows final : public Log {
 public:
  explicit StoreRows(const LogOptions& options)
      : options_(options),
        worths_(worths_of(options.labels)),
        store_(options.path, ResultStore::Mode::kWrite, std::chrono::minutes(1)) {}

  std::optional<StoredRun> find_run(const std::string& key) override {
    return store_.find_run(key);
  }

  void append(std::span<const LabeledRow> rows, const StoredRun* run) override {
    const std::int64_t now = now_in_milliseconds();
    std::vector<StoredResult> results;
    results.reserve(rows.size());
    for (const LabeledRow& row : rows) results.push_back(result_of(row, now));
    store_.append(results, run);
  }

 private:
  StoredResult result_of(const LabeledRow& row, std::int64_t now) const {
    StoredResult result;
    result.time = now;
    result.model = options_.model;
    result.source = options_.source;
    result.error = row.row.error;
    result.text = row.row.text;
    for (std::size_t i = 0; i < std::min(options_.columns.size(), row.row.values.size()); ++i)
      if (options_.columns[i] != options_.text_column)
        result.columns.emplace_back(options_.columns[i], row.row.values[i]);
    if (!result.error.empty() || row.answer.scores.empty()) return result;
    result.label = row.answer.scores.front().label;
    result.score = row.answer.scores.front().score;
    std::vector<double> by_id(options_.labels.size());
    for (const LabelScore& score : row.answer.scores)
      by_id[static_cast<std::size_t>(score.id)] = score.score;
    for (std::size_t id = 0; id < by_id.size(); ++id)
      result.scores.emplace_back(options_.labels[id], by_id[id]);
    if (!worths_.empty()) result.polarity = polarity_of(by_id, worths_);
    return result;
  }

  const LogOptions& options_;
  std::vector<double> worths_;
  ResultStore store_;
};

std::unique_ptr<Log> open_file(const LogOptions& options) {
  if (is_csv_log(options.path)) return std::make_unique<CsvRows>(options);
  return std::make_unique<StoreRows>(options);
}

class LogSink final : public RowSink {
 public:
  explicit LogSink(const LogOptions& options) : options_(options), log_(open_file(options_)) {
    run_.key = fs::absolute(options_.source).lexically_normal().string();
  }

  // False: there is nothing left to do.
  bool prepare() {
    if (!options_.identity) return true;
    run_.identity = *options_.identity;
    std::optional<StoredRun> before = log_->find_run(run_.key);
    if (!before || options_.force) return true;
    const std::string changes = identity_changes(before->identity, run_.identity);
    if (before->finished) return !changes.empty();  // another state of the file: other rows
    if (!options_.resume)
      refuse("an interrupted run appended " + std::to_string(before->rows) + " rows of " +
             options_.source + " to " + options_.path.string() +
             "; --resume goes on, --force appends all rows again");
    if (!changes.empty())
      refuse("cannot resume appending to " + options_.path.string() +
             ": changed since it was begun: " + changes +
             "; go back to what it was, or append all rows again with --force");
    resumed_.emplace();
    resumed_->rows = before->rows;
    resumed_->tally = before->tally;
    return true;
  }

  const Ledger* resumed() const override { return resumed_ ? &*resumed_ : nullptr; }

  void write(std::span<const LabeledRow> rows, const Tally& after) override {
    run_.rows = after.rows;
    run_.tally = after.to_json();
    if (!rows.empty()) log_->append(rows, options_.identity ? &run_ : nullptr);
  }

  void end() override {
    if (!options_.identity) return;
    run_.finished = true;
    if (run_.tally.is_null() && resumed_) {
      run_.rows = resumed_->rows;
      run_.tally = resumed_->tally;
    }
    log_->append({}, &run_);
  }

  bool resumable() const override { return options_.identity.has_value(); }

 private:
  const LogOptions options_;
  std::unique_ptr<Log> log_;
  StoredRun run_;
  std::optional<Ledger> resumed_;
};

}  // namespace

bool is_csv_log(const fs::path& path) {
  return path.extension() == ".csv";
}

void check_log_name(const fs::path& path) {
  const std::string ending = path.extension().string();
  if (is_csv_log(path) ||
      std::find(kStoreEndings.begin(), kStoreEndings.end(), ending) != kStoreEndings.end())
    return;
  refuse("the name " + path.string() +
         " does not say what kind of log it is: it ends with .csv, or with .db for SQLite");
}

std::unique_ptr<RowSink> open_log(const LogOptions& options) {
  auto sink = std::make_unique<LogSink>(options);
  if (!sink->prepare()) return nullptr;
  return sink;
}

}  // namespace valence::cli
