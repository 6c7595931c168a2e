// The seam for subcommands: one file and one row in the table of main.cpp each.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace valence::cli {

// Exit codes of the program; documented in the man page.
enum ExitCode : int {
  kOk = 0,
  kRowsFailed = 1,  // the work is done, but some rows carry an error
  kUsage = 2,       // a wrong option or argument
  kNoInput = 3,     // a file or column that is not there
  kBadInput = 4,    // a corrupt or unsupported file
  kIoError = 5,     // the system refused to read or write
  kDefect = 70,     // a defect of this program
  // 128 + N: stopped by signal N; 130 for Ctrl-C
};

using Action = std::function<int()>;  // returns an ExitCode; throws Error

// Declares options and arguments on `app` and returns what runs when they have been parsed.
Action define_classify(CLI::App& app);
Action define_completion(CLI::App& app);
Action define_convert(CLI::App& app);
Action define_inspect(CLI::App& app);
Action define_tokenize(CLI::App& app);
Action define_version(CLI::App& app);

}  // namespace valence::cli
