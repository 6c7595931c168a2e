// valence bench: how fast a server answers, or the engine itself.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "apps/cli/bench_report.h"
#include "apps/cli/command.h"
#include "apps/cli/default_model.h"
#include "apps/cli/engine_settings.h"
#include "base/json.h"
#include "data/row_formats.h"
#include "engine/compare.h"
#include "load/generator.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct BenchSettings {
  std::string url, protocol = "tei", served_model, api_key;
  std::string model;
  EngineSettings engine;
  std::string input;
  std::optional<std::string> text_column;
  std::size_t limit = 10000, texts_per_request = 1, connections = 1;
  double rate = 0, seconds = 10, warm_up = 1, timeout = 30;
  bool insecure = false, json = false;
};

std::vector<std::string> read_texts(const BenchSettings& s) {
  std::vector<std::string> texts;
  if (s.input.empty()) {
    for (const std::string_view text : sample_texts())
      if (!text.empty()) texts.emplace_back(text);
    return texts;
  }
  const RowFormat* format = row_format_of(s.input);
  if (format == nullptr)
    throw Error(ErrorCode::kInvalidArgument,
                "the name " + s.input + " does not say a format that is known");
  ReadOptions options;
  options.origin = s.input;
  options.text_column = s.text_column;
  options.delimiter = format->delimiter;
  const auto reader = format->make_reader(open_source(s.input), options);
  for (Row row; texts.size() < s.limit && reader->next(row);)
    if (row.error.empty()) texts.push_back(row.text);
  if (texts.empty()) throw Error(ErrorCode::kNotFound, s.input + ": holds no text");
  return texts;
}

std::vector<std::string> make_bodies(const BenchSettings& s, const load::RequestShape& shape,
                                     const std::vector<std::string>& texts) {
  std::vector<std::string> bodies;
  bodies.reserve(texts.size() / s.texts_per_request + 1);
  for (std::size_t i = 0; i < texts.size(); i += s.texts_per_request) {
    const std::size_t count = std::min(s.texts_per_request, texts.size() - i);
    bodies.push_back(shape.body(s.served_model, std::span(texts).subspan(i, count)));
  }
  return bodies;
}

int bench_server(const BenchSettings& s) {
  const load::RequestShape& shape = load::request_shape(s.protocol);
  if (s.protocol == "kserve" && s.served_model.empty())
    throw Error(ErrorCode::kInvalidArgument, "--protocol kserve needs --served-model NAME");
  load::LoadPlan plan;
  plan.url = load::parse_url(s.url);
  if (plan.url.path == "/") plan.url.path = shape.path(s.served_model);
  plan.api_key = s.api_key;
  plan.bodies = make_bodies(s, shape, read_texts(s));
  plan.connections = s.connections;
  plan.rate = s.rate;
  plan.duration = std::chrono::duration<double>(s.seconds);
  plan.warm_up = std::chrono::duration<double>(s.warm_up);
  plan.timeout = std::chrono::duration<double>(s.timeout);
  plan.verify_tls = !s.insecure;
  const load::LoadReport report = load::run_load(plan);
  const std::string text = s.json ? bench_json(plan, report, s.texts_per_request)
                                  : bench_text(plan, report, s.texts_per_request);
  std::fputs(text.c_str(), stdout);
  return report.failures.empty() ? kOk : kRowsFailed;
}

// The same texts all at once, again and again, and then one by one.
int bench_engine(const BenchSettings& s) {
  const std::vector<std::string> texts = read_texts(s);
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const Classifier classifier = load_classifier(s.model, load_options_of(s.engine));
  EngineReport report;
  report.texts = texts.size();
  const auto passes = [&](double seconds, const auto& pass) {
    const auto begin = Clock::now();
    std::size_t done = 0;
    double spent = 0;
    do {
      done += pass();
      spent = std::chrono::duration<double>(Clock::now() - begin).count();
    } while (spent < seconds);
    return static_cast<double>(done) / spent;
  };
  const auto all = [&] { return classifier.classify(views).size(); };
  passes(s.warm_up, all);
  report.texts_per_second = passes(s.seconds / 2, all);
  std::size_t next = 0;
  report.single_per_second = passes(s.seconds / 2, [&] {
    const auto begin = Clock::now();
    classifier.classify(views[next++ % views.size()]);
    report.latencies.push_back(
        static_cast<float>(std::chrono::duration<double>(Clock::now() - begin).count()));
    return std::size_t{1};
  });
  std::sort(report.latencies.begin(), report.latencies.end());
  const std::string text = s.json ? engine_json(report) : engine_text(report);
  std::fputs(text.c_str(), stdout);
  return kOk;
}

void declare(CLI::App& app, BenchSettings& s) {
  std::vector<std::string> protocols;
  for (const load::RequestShape& shape : load::request_shapes()) protocols.emplace_back(shape.name);
  app.add_option("--url", s.url,
                 "server to ask, http:// or https://; without one the engine of this program is "
                 "measured")
      ->type_name("URL");
  app.add_option("--protocol", s.protocol, "the requests' protocol")
      ->capture_default_str()
      ->check(CLI::IsMember(protocols));
  app.add_option("--served-model", s.served_model, "name of the model in requests [none]")
      ->type_name("NAME");
  app.add_option("--api-key", s.api_key, "key to send")->envname("VALENCE_API_KEY");
  app.add_flag("--insecure", s.insecure, "take any certificate");
  app.add_option("-i,--input", s.input,
                 "texts to send: CSV, TSV, JSONL or lines, may be gzip [sentences of this program]")
      ->type_name("FILE");
  app.add_option("-c,--text-column", s.text_column,
                 "column with the texts [text, or the only column]")
      ->type_name("NAME");
  app.add_option("--limit", s.limit, "this many texts of the file")->capture_default_str();
  app.add_option("--texts-per-request", s.texts_per_request, "texts in a request")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000));
  app.add_option("--connections", s.connections, "connections, each with a request at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 60000));
  app.add_option("--rate", s.rate,
                 "open loop: requests a second, whatever the server does; 0: closed loop, the next "
                 "one after the answer")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1e6));
  app.add_option("--seconds", s.seconds, "how long to measure")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 86400.0));
  app.add_option("--warm-up", s.warm_up, "seconds before that, which do not count")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 3600.0));
  app.add_option("--timeout", s.timeout, "seconds that a request may take")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 3600.0));
  app.add_option("-m,--model", s.model,
                 "without --url: the model, as for valence classify [the built-in model]")
      ->envname("VALENCE_MODEL")
      ->type_name("PATH");
  declare_engine(app, s.engine);
  app.add_flag("--json", s.json, "print JSON");
  app.footer(
      "In open loop a request's latency begins when it is due, also where it then waits for a "
      "connection,\nso that a server that stalls is not measured too well.\n"
      "Exit codes: 0 all answered, 1 some requests failed, 2 usage, 5 no connection.");
}

}  // namespace

Action define_bench(CLI::App& app) {
  const auto settings = std::make_shared<BenchSettings>();
  declare(app, *settings);
  return [settings] {
    return settings->url.empty() ? bench_engine(*settings) : bench_server(*settings);
  };
}

}  // namespace valence::cli
