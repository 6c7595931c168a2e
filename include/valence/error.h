// The one exception type that the library throws.
#pragma once

#include <stdexcept>
#include <string>

namespace valence {

enum class ErrorCode {
  kInvalidArgument,  // the caller asked for something that makes no sense
  kNotFound,         // a file, column or key that should be there is not
  kCorrupt,          // a file or request is not what its format says
  kUnsupported,      // well formed, but not something this build can do
  kIo,               // the operating system refused to read or write
  kInternal,         // a defect in this program
};

// Bad input always ends as an Error. what() is one sentence for a person: what is wrong, where
// (file, row, byte offset or key), and what to do about it.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace valence
