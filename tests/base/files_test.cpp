// Files that are complete or not there, and mapped ones.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "valence/error.h"

namespace valence {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "valence-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path operator/(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put(const fs::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

ErrorCode code_of(const std::function<void()>& call, const std::string& part) {
  try {
    call();
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find(part) != std::string::npos);
    return error.code();
  }
  FAIL_CHECK("nothing was thrown");
  return ErrorCode::kInternal;
}

TEST_CASE("a file appears under its name only when it is committed") {
  const Folder folder;
  const fs::path target = folder / "out.txt";
  put(target, "old");
  {
    AtomicFile file(target);
    file.write("new");
    CHECK(file.size() == 3);
    CHECK(content_of(target) == "old");
    CHECK(content_of(AtomicFile::partial_path(target)) == "new");
    file.write(" text");
    file.commit();
  }
  CHECK(content_of(target) == "new text");
  CHECK(!fs::exists(AtomicFile::partial_path(target)));
}

TEST_CASE("without commit the target is untouched and the partial file gone") {
  const Folder folder;
  const fs::path target = folder / "out.txt";
  put(target, "old");
  put(AtomicFile::partial_path(target), "left over from long ago");
  {
    AtomicFile file(target);
    CHECK(file.size() == 0);
    file.write("new");
  }
  CHECK(content_of(target) == "old");
  CHECK(!fs::exists(AtomicFile::partial_path(target)));
}

TEST_CASE("resuming keeps what is there up to a byte and leaves it behind again") {
  const Folder folder;
  const fs::path target = folder / "out.txt";
  put(AtomicFile::partial_path(target), "one two thr");
  {
    AtomicFile file(target, AtomicFile::Start::kResume, 8);
    CHECK(file.size() == 8);
    file.write("three");
    file.sync();
  }
  CHECK(content_of(AtomicFile::partial_path(target)) == "one two three");
  AtomicFile file(target, AtomicFile::Start::kResume, 13);
  file.commit();
  CHECK(content_of(target) == "one two three");
}

TEST_CASE("a file that cannot be written is an Error that names it") {
  const Folder folder;
  const auto target = folder / "no/such/folder/out.txt";
  CHECK(code_of([&] { AtomicFile file(target); }, "out.txt.partial") == ErrorCode::kIo);
  const fs::path taken = folder / "taken";
  fs::create_directory(taken);
  CHECK(code_of([&] { AtomicFile(taken).commit(); }, "cannot rename") == ErrorCode::kIo);
}

// Files of this process may not grow beyond a size while one of these lives.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~SizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST_CASE("a write that fails half-way is an Error and leaves no file") {
  const Folder folder;
  const auto write = [&] {
    const SizeLimit limit(4096);
    AtomicFile file(folder / "out");
    file.write(std::string(10000, 'x'));
  };
  CHECK(code_of(write, "cannot write") == ErrorCode::kIo);
  CHECK(!fs::exists(folder / "out"));
  CHECK(!fs::exists(AtomicFile::partial_path(folder / "out")));
}

TEST_CASE("a mapped file has the bytes of the file") {
  const Folder folder;
  const std::string text = std::string("a\0b", 3) + std::string(100000, 'x');
  put(folder / "f", text);
  const MappedFile file(folder / "f");
  CHECK(file.text() == text);
  CHECK(file.bytes().size() == text.size());
  put(folder / "empty", "");
  CHECK(MappedFile(folder / "empty").bytes().empty());
}

TEST_CASE("what cannot be mapped is an Error that names it") {
  const Folder folder;
  CHECK(code_of([&] { MappedFile(folder / "absent"); }, "absent") == ErrorCode::kNotFound);
  CHECK(code_of([&] { MappedFile(folder / "."); }, "directory") == ErrorCode::kIo);
  CHECK(code_of([] { MappedFile("/dev/null"); }, "/dev/null") == ErrorCode::kIo);
}

}  // namespace
}  // namespace valence
