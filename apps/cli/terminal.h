// What the terminal can do, if there is one.
#pragma once

#include <cstddef>
#include <cstdio>

namespace valence::cli {

bool is_terminal(std::FILE* stream);

// Columns, at least 20; 80 where the terminal does not say.
std::size_t terminal_width(std::FILE* stream);

// At a terminal that is not "dumb", unless NO_COLOR is set.
bool wants_colour(std::FILE* stream);

}  // namespace valence::cli
