// Exit codes of the programs; documented in the man page.
#pragma once

#include <cstdio>
#include <exception>

#include "valence/error.h"

namespace valence::cli {

enum ExitCode : int {
  kOk = 0,
  kRowsFailed = 1,  // the work is done, but some rows carry an error
  kUsage = 2,       // a wrong option or argument
  kNoInput = 3,     // a file or column that is not there
  kBadInput = 4,    // a corrupt or unsupported file
  kIoError = 5,     // the system refused to read or write
  kDefect = 70,     // a defect of the program
  // 128 + N: stopped by signal N; 130 for Ctrl-C
};

inline ExitCode exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return kUsage;
    case ErrorCode::kNotFound:
      return kNoInput;
    case ErrorCode::kCorrupt:
    case ErrorCode::kUnsupported:
      return kBadInput;
    case ErrorCode::kIo:
      return kIoError;
    case ErrorCode::kInternal:
      return kDefect;
  }
  return kDefect;
}

// What a main() returns: `run`'s code, or that of the error it threw, which is told.
template <typename Run>
int guarded(const Run& run) {
  try {
    return run();
  } catch (const Error& error) {
    std::fprintf(stderr, "valence: %s\n", error.what());
    return exit_code_of(error.code());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "valence: a defect of this program: %s\n", error.what());
    return kDefect;
  }
}

}  // namespace valence::cli
