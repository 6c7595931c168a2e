// The seam for subcommands: one file and one row in the table of main.cpp each.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "apps/cli/exit_code.h"

namespace valence::cli {

using Action = std::function<int()>;  // returns an ExitCode; throws Error

// Declares options and arguments on `app` and returns what runs when they have been parsed.
Action define_bench(CLI::App& app);
Action define_calibrate(CLI::App& app);
Action define_classify(CLI::App& app);
Action define_completion(CLI::App& app);
Action define_convert(CLI::App& app);
Action define_eval(CLI::App& app);
Action define_inspect(CLI::App& app);
Action define_serve(CLI::App& app);
Action define_tokenize(CLI::App& app);
Action define_train(CLI::App& app);
Action define_trends(CLI::App& app);
Action define_version(CLI::App& app);

}  // namespace valence::cli
