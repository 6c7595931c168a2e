// What the store of served answers holds: its state, rows worth a look, and all of it as CSV.
#include "serve/routes/live.h"

#include "data/csv_writer.h"
#include "serve/routes/parameters.h"
#include "serve/routes/routes.h"
#include "trends/periods.h"
#include "valence/error.h"

namespace valence::serve {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr double kLowScore = 0.6;           // below: the model was not sure
constexpr double kNegativePolarity = -0.4;  // below: the text is negative
constexpr std::int64_t kMostRows = 500;
constexpr std::size_t kExportBytes = std::size_t{32} << 10;  // that are sent at a time
constexpr std::chrono::milliseconds kPatience{2000};

std::string time_text(std::int64_t milliseconds) {
  const std::int64_t seconds = milliseconds / 1000 - (milliseconds % 1000 < 0 ? 1 : 0);
  return date_and_time_of(seconds) + "Z";
}

OrderedJson time_or_null(bool known, std::int64_t milliseconds) {
  return known ? OrderedJson(time_text(milliseconds)) : OrderedJson();
}

OrderedJson row_json(const StoredResult& row) {
  return {{"id", row.id},
          {"time", time_text(row.time)},
          {"model", row.model},
          {"label", row.label},
          {"score", row.score},
          {"polarity", row.polarity ? OrderedJson(*row.polarity) : OrderedJson()},
          {"text", row.text ? OrderedJson(*row.text) : OrderedJson()},
          {"source", row.source}};
}

HttpResponse state_of(const ResultRecorder& recorder) {
  const ResultRecorder::Status status = recorder.status();
  const StoreOptions& options = recorder.options();
  const ResultStore::Summary kept = open_store(recorder).summary();
  const bool some = kept.rows + kept.errors > 0;
  return json_response({{"rows", kept.rows},
                        {"errors", kept.errors},
                        {"first", time_or_null(some, kept.first)},
                        {"last", time_or_null(some, kept.last)},
                        {"models", kept.models},
                        {"labels", kept.labels},
                        {"texts", options.texts},
                        {"most_rows", options.rows},
                        {"most_days", options.age.count() / 24},
                        {"low_score", kLowScore},
                        {"written", status.written},
                        {"dropped", status.dropped},
                        {"waiting", status.waiting},
                        {"trouble", status.trouble}});
}

HttpResponse rows_of(const ResultRecorder& recorder, std::string_view query_text) {
  Parameters parameters(query_text);
  ResultQuery query = read_filters(parameters);
  const std::string list = parameters.take("list").value_or("newest");
  query.limit = parameters.number("limit", 1, kMostRows, 50);
  query.order = ResultQuery::Order::kNewest;
  parameters.check_all_taken();
  if (list == "low")
    query.score_below = kLowScore;
  else if (list == "negative")
    query.polarity_below = kNegativePolarity;
  else if (list != "newest")
    refuse_parameter("list is newest, low or negative", "list");
  const ResultStore store = open_store(recorder);
  ResultCursor cursor = store.read(query);
  OrderedJson rows = OrderedJson::array();
  for (StoredResult row; cursor.next(row);) rows.push_back(row_json(row));
  return json_response({{"rows", std::move(rows)}});
}

void append_row(const std::vector<std::string>& values, std::string& out) {
  bool first = true;
  for (const std::string& value : values) {
    if (!first) out += ',';
    append_csv_value(value, ',', out);
    first = false;
  }
  out += '\n';
}

std::string number_text(double value) {
  return format_score(static_cast<float>(value));
}

std::vector<std::string> export_names(const std::vector<std::string>& labels, bool texts) {
  std::vector<std::string> names{"id", "time", "model", "source", "label", "score", "polarity"};
  for (const std::string& label : labels) names.push_back("score_" + label);
  if (texts) names.emplace_back("text");
  names.emplace_back("error");
  return names;
}

std::vector<std::string> export_values(const StoredResult& row,
                                       const std::vector<std::string>& labels, bool texts) {
  const bool labelled = row.error.empty();
  std::vector<std::string> values{std::to_string(row.id),
                                  time_text(row.time),
                                  row.model,
                                  row.source,
                                  row.label,
                                  labelled ? number_text(row.score) : "",
                                  row.polarity ? number_text(*row.polarity) : ""};
  for (const std::string& label : labels) {
    values.emplace_back();
    for (const auto& [name, score] : row.scores)
      if (name == label) values.back() = number_text(score);
  }
  if (texts) values.push_back(row.text.value_or(""));
  values.push_back(row.error);
  return values;
}

void export_rows(const ResultRecorder& recorder, Call& call, HttpStream& stream, bool& begun) {
  Parameters parameters(call.http.query);
  ResultQuery query = read_filters(parameters);
  query.with_errors = !query.label;
  parameters.check_all_taken();
  const ResultStore store = open_store(recorder);
  const std::vector<std::string> labels = store.summary().labels;
  ResultCursor cursor = store.read(query);
  HttpResponse head;
  head.content_type = "text/csv";
  head.fields.add("Content-Disposition", "attachment; filename=\"valence-results.csv\"");
  head.fields.add("x-request-id", call.entry.request_id);
  stream.begin(head);
  begun = true;
  const bool texts = recorder.options().texts;
  std::string text;
  append_row(export_names(labels, texts), text);
  for (StoredResult row; cursor.next(row);) {
    append_row(export_values(row, labels, texts), text);
    if (text.size() < kExportBytes) continue;
    stream.write(text);
    call.entry.bytes_out += text.size();
    text.clear();
  }
  stream.write(text);
  call.entry.bytes_out += text.size();
  stream.end();
}

}  // namespace

const ResultRecorder& need_recorder(const Api& api) {
  if (api.recorder() == nullptr)
    throw RequestError(FailureKind::kNoRoute,
                       "answers are not kept: the server was started without --store");
  return *api.recorder();
}

ResultStore open_store(const ResultRecorder& recorder) {
  try {
    return ResultStore(recorder.options().path, ResultStore::Mode::kRead, kPatience);
  } catch (const Error& error) {
    throw RequestError(FailureKind::kUnavailable,
                       std::string("the store cannot be read now: ") + error.what());
  }
}

ResultQuery read_filters(Parameters& parameters) {
  ResultQuery query;
  const auto text = [&](const char* name) {
    auto value = parameters.take(name);
    return value && !value->empty() ? value : std::nullopt;
  };
  query.model = text("model");
  query.label = text("label");
  return query;
}

void answer_later(Api& api, const CallPtr& call, std::function<HttpResponse()> make) {
  api.readers().post([call, make = std::move(make)] {
    try {
      call->answer(make());
    } catch (...) {
      call->fail(failure_of(std::current_exception()));
    }
  });
}

void handle_live_state(Api& api, const CallPtr& call) {
  const ResultRecorder& recorder = need_recorder(api);
  answer_later(api, call, [&recorder] { return state_of(recorder); });
}

void handle_live_rows(Api& api, const CallPtr& call) {
  const ResultRecorder& recorder = need_recorder(api);
  answer_later(api, call,
               [&recorder, query = call->http.query] { return rows_of(recorder, query); });
}

void stream_live_export(Api& api, const CallPtr& call, HttpStream& stream) {
  bool begun = false;
  HttpResponse end;  // what the log and the metrics get to see
  try {
    export_rows(need_recorder(api), *call, stream, begun);
  } catch (...) {
    const Failure failure = failure_of(std::current_exception());
    call->entry.error = failure.message;
    end = call->protocol().fail(failure);
    if (!begun) return stream.respond(api.finish(*call, std::move(end)));
    end.status = 499;  // too late to tell the client otherwise than by cutting the answer off
  }
  api.finish(*call, std::move(end));
}

}  // namespace valence::serve
