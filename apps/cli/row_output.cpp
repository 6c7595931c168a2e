#include "apps/cli/row_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/atomic_file.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto kCheckpointPause = std::chrono::milliseconds(200);

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::kInvalidArgument, why);
}

class StreamOutput final : public RowOutput {
 public:
  StreamOutput(int descriptor, std::string name)
      : descriptor_(descriptor), name_(std::move(name)) {}
  ~StreamOutput() override {
    if (descriptor_ != STDOUT_FILENO) ::close(descriptor_);
  }

  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0)
        throw Error(ErrorCode::kIo, "cannot write to " + name_ + ": " + std::strerror(errno));
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

 private:
  int descriptor_;
  std::string name_;
};

class FileOutput final : public RowOutput {
 public:
  FileOutput(fs::path path, std::optional<Json> identity, std::optional<Ledger> resumed)
      : identity_(std::move(identity)),
        resumed_(std::move(resumed)),
        file_(std::move(path), AtomicFile::Start::kResume, resumed_ ? resumed_->output_bytes : 0) {
    if (!resumed_) Ledger::remove(file_.target());
  }

  const Ledger* resumed() const override { return resumed_ ? &*resumed_ : nullptr; }
  void write(std::string_view bytes) override { file_.write(bytes); }

  void checkpoint(std::uint64_t rows, const Json& tally, bool must) override {
    const auto now = std::chrono::steady_clock::now();
    if (!identity_ || (!must && now - last_ < kCheckpointPause)) return;
    file_.sync();
    Ledger{*identity_, rows, file_.size(), tally}.save(file_.target());
    last_ = now;
  }

  void finish() override {
    file_.commit();
    Ledger::remove(file_.target());
  }

  std::string leftover() const override {
    return AtomicFile::partial_path(file_.target()).string();
  }

 private:
  std::optional<Json> identity_;
  std::optional<Ledger> resumed_;
  AtomicFile file_;
  std::chrono::steady_clock::time_point last_ =
      std::chrono::steady_clock::now() - kCheckpointPause;  // the first chunk is saved at once
};

// The two moments at which a run can be killed with its file complete.
bool was_finished(const fs::path& path, const std::optional<Ledger>& ledger, bool partial) {
  return ledger && !partial && fs::exists(path) && fs::file_size(path) == ledger->output_bytes;
}

void check_same_run(const Ledger& ledger, const FileOutputOptions& options) {
  const std::string changes = identity_changes(ledger.identity, *options.identity);
  if (!changes.empty())
    refuse("cannot resume " + options.path.string() + ": changed since it was begun: " + changes +
           "; go back to what it was, or start again with --force");
}

void check_partial(const Ledger& ledger, const fs::path& path) {
  const fs::path partial = AtomicFile::partial_path(path);
  if (fs::file_size(partial) < ledger.output_bytes)
    throw Error(ErrorCode::kCorrupt, "cannot resume: " + partial.string() + " has " +
                                         std::to_string(fs::file_size(partial)) +
                                         " bytes, fewer than the " +
                                         std::to_string(ledger.output_bytes) +
                                         " that were written; start again with --force");
}

}  // namespace

std::unique_ptr<RowOutput> stream_output(const std::string& path) {
  if (path.empty()) return std::make_unique<StreamOutput>(STDOUT_FILENO, "standard output");
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0)
    throw Error(ErrorCode::kIo, "cannot open " + path + ": " + std::strerror(errno));
  return std::make_unique<StreamOutput>(descriptor, path);
}

std::unique_ptr<RowOutput> file_output(const FileOutputOptions& options) {
  const fs::path& path = options.path;
  const bool there = fs::exists(path);
  const bool partial = fs::exists(AtomicFile::partial_path(path));
  if (options.force) return std::make_unique<FileOutput>(path, options.identity, std::nullopt);
  std::optional<Ledger> ledger = Ledger::load(path);
  const bool resumable = ledger && partial;
  if (options.resume && ledger) check_same_run(*ledger, options);
  if (options.resume && was_finished(path, ledger, partial)) {
    Ledger::remove(path);
    return nullptr;
  }
  if (options.resume && resumable) {
    check_partial(*ledger, path);
    return std::make_unique<FileOutput>(path, options.identity, std::move(ledger));
  }
  if (there)
    refuse(
        path.string() + " is there already" +
        (options.resume ? " with no interrupted run beside it, so nothing is left to resume" : "") +
        "; --force replaces it");
  if (resumable)
    refuse("an interrupted run got through " + std::to_string(ledger->rows) + " rows of " +
           path.string() + "; --resume goes on, --force starts again");
  return std::make_unique<FileOutput>(path, options.identity, std::nullopt);
}

}  // namespace valence::cli
