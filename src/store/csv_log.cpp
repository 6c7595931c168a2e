#include "store/csv_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "data/csv_reader.h"
#include "data/csv_writer.h"
#include "store/run_list.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr int kVersion = 1;

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string listed(const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& name : columns) list += (list.empty() ? "" : ", ") + excerpt(name);
  return list;
}

}  // namespace

// One writer's turn: the file is open and locked, and what an earlier turn left is in order.
class CsvLog::Turn {
 public:
  explicit Turn(const std::filesystem::path& path)
      : path_(path), journal_(path.string() + ".journal"), runs_(path.string() + ".runs") {
    open_locked();
    recover();
  }
  ~Turn() { ::close(descriptor_); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  int descriptor() const { return descriptor_; }
  const std::filesystem::path& runs() const { return runs_; }

  std::uint64_t size() const {
    struct stat info {};
    if (::fstat(descriptor_, &info) != 0) fail("look at");
    return static_cast<std::uint64_t>(info.st_size);
  }

  // A last line that somebody left without its end must not run into ours.
  bool ends_a_line() const {
    const std::uint64_t bytes = size();
    return bytes == 0 || read(bytes - 1, 1) == "\n";
  }

  void append(std::string_view bytes, const StoredRun* run) {
    Json journal{{"version", kVersion},
                 {"size", size()},
                 {"length", bytes.size()},
                 {"checksum", checksum(bytes)},
                 {"run", run == nullptr ? Json() : json_of_run(*run)}};
    AtomicFile file(journal_);
    file.write(journal.dump() + "\n");
    file.commit();
    try {
      write(bytes);
    } catch (const Error&) {
      take_back(journal["size"].get<std::uint64_t>());
      throw;
    }
    complete(journal);
  }

 private:
  // Another program may have put a new file in the place of the one that was opened.
  void open_locked() {
    while (true) {
      descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
      if (descriptor_ < 0) fail("open");
      while (::flock(descriptor_, LOCK_EX) != 0)
        if (errno != EINTR) close_and_fail("lock");
      struct stat opened {};
      struct stat there {};
      if (::fstat(descriptor_, &opened) == 0 && ::stat(path_.c_str(), &there) == 0 &&
          opened.st_ino == there.st_ino && opened.st_dev == there.st_dev)
        return;
      ::close(descriptor_);
    }
  }

  void recover() {
    if (!std::filesystem::exists(journal_)) return;
    try {
      const MappedFile file(journal_);
      const Json journal = parse_json(file.text(), journal_.string());
      const JsonRef root(journal, journal_.string());
      const auto before = static_cast<std::uint64_t>(root.at("size").integer_in(0, INT64_MAX));
      const auto length =
          static_cast<std::uint64_t>(root.at("length").integer_in(0, INT64_MAX - INT32_MAX));
      const std::int64_t sum = root.at("checksum").integer();
      const std::uint64_t now = size();
      if (now >= before + length && checksum(read(before, length)) == sum) return complete(journal);
      // What stands behind our bytes came from a program that knows nothing of journals: it stays.
      if (now > before && now <= before + length) take_back(before);
      std::filesystem::remove(journal_);
    } catch (...) {
      ::close(descriptor_);
      throw;
    }
  }

  void complete(const Json& journal) {
    if (::fdatasync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) fail("save");
    if (journal.contains("run") && journal["run"].is_object())
      save_run(runs_, run_of_json({journal["run"], journal_.string() + ": /run"}));
    std::filesystem::remove(journal_);
  }

  void take_back(std::uint64_t before) const {
    if (::ftruncate(descriptor_, static_cast<off_t>(before)) != 0) fail("cut");
    std::error_code ignored;
    std::filesystem::remove(journal_, ignored);
  }

  std::string read(std::uint64_t from, std::uint64_t length) const {
    std::string bytes(length, '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t count = ::pread(descriptor_, bytes.data() + done, bytes.size() - done,
                                    static_cast<off_t>(from + done));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      done += static_cast<std::size_t>(count);
    }
    bytes.resize(done);
    return bytes;
  }

  void write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("write");
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  [[noreturn]] void fail(const char* action) const {
    const int reason = errno;
    throw Error(ErrorCode::kIo, "cannot " + std::string(action) + " " + path_.string() + ": " +
                                    std::strerror(reason) +
                                    (reason == ENOSPC ? "; free some space and try again" : ""));
  }

  [[noreturn]] void close_and_fail(const char* action) const {
    const int reason = errno;
    ::close(descriptor_);
    errno = reason;
    fail(action);
  }

  const std::filesystem::path& path_;
  std::filesystem::path journal_, runs_;
  int descriptor_ = -1;
};

CsvLog::CsvLog(std::filesystem::path path, std::vector<std::string> columns)
    : path_(std::move(path)), columns_(std::move(columns)) {
  const Turn turn(path_);
  if (turn.size() > 0) check_columns(turn.descriptor());
}

std::string CsvLog::header() const {
  std::string line;
  for (const std::string& name : columns_) {
    if (!line.empty()) line += ',';
    append_csv_value(name, ',', line);
  }
  return line + "\n";
}

void CsvLog::check_columns(int descriptor) const {
  ReadOptions options;
  options.origin = path_.string();
  options.texts = false;
  const CsvReader reader(open_source("/proc/self/fd/" + std::to_string(descriptor)), options);
  if (reader.columns() == columns_) return;
  throw Error(ErrorCode::kInvalidArgument,
              path_.string() + " has other columns; in the log: " + listed(reader.columns()) +
                  "; to be appended: " + listed(columns_) + "; choose another log, or one that " +
                  "takes rows of all columns: a name ending with .db");
}

void CsvLog::append(std::string_view rows, const StoredRun* run) {
  Turn turn(path_);
  std::string bytes;
  if (turn.size() == 0)
    bytes = header();
  else
    check_columns(turn.descriptor());
  if (!turn.ends_a_line()) bytes += '\n';
  if (rows.empty() && run == nullptr) return;
  if (rows.empty()) bytes.clear();
  bytes += rows;
  turn.append(bytes, run);
}

std::optional<StoredRun> CsvLog::find_run(const std::string& key) {
  const Turn turn(path_);
  return valence::find_run(turn.runs(), key);
}

}  // namespace valence
