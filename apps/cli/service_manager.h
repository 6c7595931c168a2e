// What a service manager such as systemd is told of how we are.
#pragma once

#include <string_view>

namespace valence::cli {

// Sends a line of the sd_notify protocol ("READY=1") to the socket that the environment variable
// NOTIFY_SOCKET names; does nothing where there is none.
void tell_service_manager(std::string_view state);

}  // namespace valence::cli
