#include "apps/cli/serve_settings.h"

#include <algorithm>
#include <cmath>

#include "apps/cli/classify_settings.h"
#include "apps/cli/configured_command.h"
#include "base/processors.h"
#include "serve/auth.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;
constexpr std::size_t kComputingThreadsOfAnIoThread = 8;

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::kInvalidArgument, why);
}

CLI::Option* add_list(CLI::App& app, const char* name, std::vector<std::string>& into,
                      const char* help, const char* type) {
  return app.add_option(name, into, help)->type_name(type)->allow_extra_args(false);
}

template <typename Number>
void add_number(CLI::App& app, const char* name, Number& into, const char* help, double low,
                double high) {
  CLI::Validator range = CLI::Range(low, high);
  range.description("");  // the numbers are so wide that they tell nothing
  app.add_option(name, into, help)->capture_default_str()->check(range);
}

void declare_what(CLI::App& app, ServeSettings& s) {
  add_list(app, "-m,--model", s.models,
           "model to serve, may be given several times; the first one is the default [the built-in "
           "model, as \"valence\"]",
           "[NAME=]PATH")
      ->envname("VALENCE_MODEL");
  app.add_option("--host", s.options.listen.address,
                 "address to listen on; 0.0.0.0 is all of this machine")
      ->capture_default_str();
  app.add_option("--port", s.options.listen.port, "port to listen on; 0: one that is free [8080]")
      ->type_name("NUMBER");
  app.add_option("--long", s.long_text,
                 "texts longer than the model's window, where a request does not say")
      ->capture_default_str()
      ->check(CLI::IsMember(&long_text_ways()));
  app.add_flag("--flat-lists", s.options.defaults.flat_lists,
               "TEI's /predict: [\"a\", \"b\"] is two texts, not a pair of texts");
  declare_engine(app, s.engine);
  add_number(app, "--io-threads", s.io_threads, "threads for connections; 0: by the processors", 0,
             256);
}

void declare_limits(CLI::App& app, ServeSettings& s) {
  serve::ServeOptions& o = s.options;
  add_number(app, "--max-queue", o.scheduler.queue_texts,
             "texts that wait at a time; more are refused with 429", 1, 1e9);
  add_number(app, "--max-queue-tokens", o.scheduler.queue_tokens, "their tokens", 1, 1e12);
  add_number(app, "--max-batch-tokens", o.scheduler.batch_tokens,
             "tokens in a batch; 0: what suits the model", 0, 1e6);
  add_number(app, "--max-texts", o.limits.texts, "texts in a request", 1, 1e6);
  add_number(app, "--max-body", o.limits.body_bytes, "bytes of a request, /batch apart", 1, 1e9);
  add_number(app, "--memory", s.memory_megabytes, "MiB for the bodies of all requests", 1, 1e6);
  add_number(app, "--max-connections", o.listen.limits.connections, "open connections", 1, 1e6);
  add_number(app, "--max-streams", o.limits.bulk_jobs, "streams on /batch at a time", 1, 1024);
  add_number(app, "--timeout", s.timeout,
             "seconds until a request that still waits is given up; 0: never", 0, 1e6);
  add_number(app, "--idle-timeout", s.idle, "seconds until an idle connection is closed", 1, 1e6);
  add_number(app, "--header-timeout", s.header, "seconds that a request's header may take", 0.1,
             1e6);
  add_number(app, "--body-timeout", s.body,
             "seconds that a body, or the next piece of a stream, may take", 0.1, 1e6);
  add_number(app, "--write-timeout", s.write, "seconds that a client may take for an answer", 0.1,
             1e6);
  add_number(app, "--grace", s.grace, "seconds for open requests after SIGTERM", 0, 1e6);
  add_number(app, "--cache", s.cache_megabytes,
             "MiB for answers to texts that are asked again; texts stay in memory; 0: none", 0,
             1e6);
}

void declare_safety(CLI::App& app, ServeSettings& s) {
  serve::ServeOptions& o = s.options;
  add_list(
      app, "--api-key", o.keys,
      "key that clients have to send, may be given several times; other users of this machine can "
      "see it, rather use --api-key-file",
      "KEY")
      ->envname("VALENCE_API_KEY")
      ->delimiter(',');
  add_list(app, "--api-key-file", s.key_files, "file with such keys, one a line", "FILE");
  add_list(app, "--admin-key", o.admin_keys,
           "key for /admin; without any, models cannot be changed", "KEY")
      ->envname("VALENCE_ADMIN_KEY")
      ->delimiter(',');
  add_list(app, "--admin-key-file", s.admin_key_files, "file with such keys, one a line", "FILE");
  app.add_option("--model-root", s.model_root, "folder that models pushed to /admin have to lie in")
      ->type_name("DIR");
  app.add_option("--tls-certificate", s.tls_certificate, "PEM file with the certificate chain")
      ->type_name("FILE");
  app.add_option("--tls-key", s.tls_key, "PEM file with its key")->type_name("FILE");
  app.add_option("--root-path", s.root_path,
                 "path under which a proxy hands requests on without taking it away: /sentiment")
      ->type_name("PATH");
  add_list(app, "--cors-origin", o.cors_origins,
           "web page that browsers may call the server from, or \"*\"", "ORIGIN");
}

void declare_store(CLI::App& app, ServeSettings& s) {
  app.add_option(
         "--store", s.store,
         "SQLite file that keeps the labels and scores of all answers, for the page's trends")
      ->type_name("FILE");
  app.add_flag("--store-texts", s.options.store.texts, "keep the texts too");
  add_number(app, "--store-rows", s.options.store.rows, "answers that are kept, the newest", 1,
             1e12);
  add_number(app, "--store-days", s.store_days, "days that they are kept", 1, 36500);
}

void declare_conduct(CLI::App& app, ServeSettings& s) {
  app.add_option("--access-log", s.access_log,
                 "file for a line of JSON a request; \"-\": standard output, \"off\": none")
      ->capture_default_str()
      ->type_name("FILE");
  app.add_flag("--log-texts", s.options.log_texts, "also log the texts");
  app.add_flag("--log-clients", s.options.log_clients, "also log the clients' addresses");
  app.add_flag("--check", s.check, "check the settings, load the models, and end");
  app.add_flag("-q,--quiet", s.quiet, "print nothing but errors and the log");
}

// "/a/b": a slash in front, none at the end.
std::string checked_root(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  if (path.empty()) return path;
  const auto is_good = [](char c) { return c > ' ' && c < 0x7F && c != '?' && c != '#'; };
  if (path[0] != '/' || path[1] == '/' || !std::all_of(path.begin(), path.end(), is_good))
    refuse("--root-path is a path like /sentiment");
  return path;
}

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

void add_keys(const std::vector<std::string>& files, std::vector<std::string>& keys) {
  for (const std::string& file : files) {
    std::vector<std::string> more = serve::read_keys(file);
    keys.insert(keys.end(), more.begin(), more.end());
  }
  if (std::find(keys.begin(), keys.end(), "") != keys.end()) refuse("a key must not be empty");
}

}  // namespace

void declare_options(CLI::App& app, ServeSettings& settings) {
  settings.options.listen.port = 8080;
  declare_what(app, settings);
  declare_limits(app, settings);
  declare_safety(app, settings);
  declare_store(app, settings);
  declare_conduct(app, settings);
  take_config(app, "max-queue = 128");
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.footer(
      "SIGHUP reads --config, keys, certificate and models anew and opens the log anew; SIGTERM "
      "ends after\nthe open requests.\n"
      "Exit codes: 0 ended by a signal, 2 usage, 3 no such file, 4 bad model or certificate,\n"
      "5 cannot listen.");
}

std::variant<ServeSettings, int> parse_serve_arguments(std::vector<std::string> arguments) {
  CLI::App app("Answer requests over HTTP.", "valence serve");
  return parse_arguments<ServeSettings>(app, declare_options, std::move(arguments));
}

serve::ServeOptions options_of(const ServeSettings& s) {
  serve::ServeOptions options = s.options;
  options.engine = load_options_of(s.engine);
  if (s.models.empty()) options.models = {{"valence", ""}};
  for (const std::string& model : s.models)
    options.models.push_back(serve::parse_model_spec(model));
  const std::size_t threads =
      options.engine.threads == 0 ? available_processors() : options.engine.threads;
  options.listen.threads =
      s.io_threads == 0 ? std::clamp<std::size_t>(threads / kComputingThreadsOfAnIoThread, 1, 8)
                        : s.io_threads;
  if (s.tls_certificate.empty() != s.tls_key.empty())
    refuse("--tls-certificate and --tls-key go together");
  options.listen.certificate = s.tls_certificate;
  options.listen.key = s.tls_key;
  serve::HttpLimits& limits = options.listen.limits;
  limits.idle = milliseconds(s.idle);
  limits.header = milliseconds(s.header);
  limits.body = milliseconds(s.body);
  limits.write = milliseconds(s.write);
  options.limits.timeout = milliseconds(s.timeout);
  options.limits.memory_bytes = s.memory_megabytes * kMegabyte;
  options.cache_bytes = s.cache_megabytes * kMegabyte;
  options.grace = milliseconds(s.grace);
  options.defaults.long_text = long_text_ways().at(s.long_text);
  options.model_root = s.model_root;
  options.store.path = s.store;
  options.store.age = std::chrono::hours(24) * s.store_days;
  if (s.store.empty() && options.store.texts) refuse("--store-texts needs --store");
  options.root_path = checked_root(s.root_path);
  options.access_log = s.access_log == "off" ? "" : s.access_log;
  add_keys(s.key_files, options.keys);
  add_keys(s.admin_key_files, options.admin_keys);
  return options;
}

}  // namespace valence::cli
