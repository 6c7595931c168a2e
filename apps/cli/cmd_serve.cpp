// valence serve: the server as a program, with its signals.
#include <csignal>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <variant>

#include "apps/cli/command.h"
#include "apps/cli/default_model.h"
#include "apps/cli/own_arguments.h"
#include "apps/cli/serve_settings.h"
#include "apps/cli/service_manager.h"
#include "serve/server.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

constexpr long kLookSeconds = 10;  // between two looks at the certificate's file
constexpr long kDrainPollNanoseconds = 20'000'000;

// Signals wait until they are asked for; threads that are started later inherit this.
class Signals {
 public:
  Signals() {
    ::signal(SIGPIPE, SIG_IGN);
    ::sigemptyset(&set_);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set_, number);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }

  // The next signal; 0 where none came in time.
  int wait(long seconds, long nanoseconds) const {
    const timespec time{seconds, nanoseconds};
    const int number = ::sigtimedwait(&set_, nullptr, &time);
    return number > 0 ? number : 0;
  }

 private:
  sigset_t set_{};
};

class Program {
 public:
  Program(ServeSettings settings, const Signals& signals)
      : settings_(std::move(settings)), options_(options_of(settings_)), signals_(signals) {
    options_.store.warn = [](const std::string& text) {
      std::fprintf(stderr, "valence: %s\n", text.c_str());
    };
  }

  int run() {
    serve::Server server(options_, open_model);
    if (settings_.check) {
      tell("the settings are good");
      return kOk;
    }
    server.start();
    tell("serving " + names() + " at " + url(server.port()));
    if (options_.keys.empty() && options_.listen.address != "127.0.0.1" &&
        options_.listen.address != "::1")
      tell("note: other machines may ask without a key; --api-key-file asks for one");
    tell_service_manager("READY=1");
    serve(server);
    return end(server);
  }

 private:
  // Until a signal asks to end.
  void serve(serve::Server& server) {
    while (true) {
      const int number = signals_.wait(kLookSeconds, 0);
      if (number == SIGTERM || number == SIGINT) return;
      try {
        if (number == SIGHUP)
          reload(server);
        else
          server.reload_changed_certificate();
      } catch (const Error& error) {
        std::fprintf(stderr, "valence: not changed: %s\n", error.what());
      }
    }
  }

  void reload(serve::Server& server) {
    tell_service_manager("RELOADING=1");
    const auto parsed = parse_serve_arguments(own_arguments());
    if (const auto* settings = std::get_if<ServeSettings>(&parsed)) {
      server.reload(options_of(*settings));
      tell("read models, keys and certificate anew");
    } else {
      std::fputs("valence: not changed: the configuration is wrong\n", stderr);
    }
    tell_service_manager("READY=1");
  }

  int end(serve::Server& server) {
    tell_service_manager("STOPPING=1");
    tell("ending after the open requests; the same signal again ends at once");
    server.begin_drain();
    const auto last = serve::Clock::now() + options_.grace;
    while (!server.drained() && serve::Clock::now() < last) {
      const int number = signals_.wait(0, kDrainPollNanoseconds);
      if (number == SIGTERM || number == SIGINT) break;
    }
    const bool all = server.drained();
    server.stop();
    tell(all ? "ended" : "ended; some requests were cut off");
    return kOk;
  }

  std::string names() const {
    std::string text;
    for (const serve::ModelSpec& model : options_.models)
      text += (text.empty() ? "" : ", ") + model.name;
    return text;
  }

  std::string url(std::uint16_t port) const {
    const std::string& host = options_.listen.address;
    const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return (options_.listen.certificate.empty() ? "http://" : "https://") + shown + ":" +
           std::to_string(port);
  }

  void tell(const std::string& text) const {
    if (!settings_.quiet) std::fprintf(stderr, "valence: %s\n", text.c_str());
  }

  const ServeSettings settings_;
  serve::ServeOptions options_;
  const Signals& signals_;
};

int run_serve() {
  const Signals signals;
  auto parsed = parse_serve_arguments(own_arguments());
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  return Program(std::move(std::get<ServeSettings>(parsed)), signals).run();
}

}  // namespace

// The options are declared for help and completion; what they say is read by parse_serve_arguments,
// because a subcommand of CLI11 reads no --config file.
Action define_serve(CLI::App& app) {
  const auto settings = std::make_shared<ServeSettings>();
  declare_options(app, *settings);
  return [settings] { return run_serve(); };
}

}  // namespace valence::cli
