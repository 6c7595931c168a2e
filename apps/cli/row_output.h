// Where labelled rows go: a stream, or a file that can be resumed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "data/ledger.h"

namespace valence::cli {

class RowOutput {
 public:
  RowOutput() = default;
  virtual ~RowOutput() = default;
  RowOutput(const RowOutput&) = delete;
  RowOutput& operator=(const RowOutput&) = delete;

  // What an interrupted run has done already: rows to pass over, and its counts.
  virtual const Ledger* resumed() const { return nullptr; }

  virtual void write(std::string_view bytes) = 0;

  // After whole rows: the output so far stands for the first `rows` rows of the input. Not every
  // call goes to the disk unless `must`.
  virtual void checkpoint(std::uint64_t /*rows*/, const Json& /*tally*/, bool /*must*/) {}

  virtual void finish() {}  // all has been written

  // Where what was written stays when finish() is never called; for a message, may be empty.
  virtual std::string leftover() const { return {}; }
};

// Standard output, and whatever else is no regular file.
std::unique_ptr<RowOutput> stream_output(const std::string& path);

struct FileOutputOptions {
  std::filesystem::path path;
  std::optional<Json> identity;  // none: the input cannot be read again, so nothing can be resumed
  bool resume = false;
  bool force = false;
};

// PATH.partial, renamed to PATH by finish(), with a ledger beside it. Null: an interrupted run had
// finished the file, nothing is left to do. Throws Error(kInvalidArgument) where work that is there
// already would be lost, or where a run of other options, model or input would be resumed.
std::unique_ptr<RowOutput> file_output(const FileOutputOptions& options);

}  // namespace valence::cli
