// Trends of labelled rows: of a table that is sent, and of what the store keeps.
#include <ctime>

#include "serve/routes/live.h"
#include "serve/routes/parameters.h"
#include "serve/routes/routes.h"
#include "trends/make_report.h"
#include "trends/report_formats.h"
#include "trends/store_records.h"
#include "trends/table_input.h"
#include "valence/error.h"

namespace valence::serve {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{2} << 30;  // of a table
constexpr std::size_t kBlockBytes = std::size_t{64} << 10;
constexpr std::int64_t kDaySeconds = 86400;

PeriodKind read_period(Parameters& parameters) {
  const std::string wanted = parameters.take("period").value_or("month");
  for (const PeriodName& entry : period_names())
    if (entry.name == wanted) return entry.kind;
  refuse_parameter("period is day, week, month or quarter", "period");
}

std::string report_text(const ReportInput& input, const ReportPlan& plan) {
  return json_response(report_json(make_report(input, plan), report_time(std::time(nullptr)))).body;
}

// ---- a table ----------------------------------------------------------------------------------

struct TableRequest {
  Table table;
  ReportPlan plan;
};

TableRequest read_request(const HttpRequest& http) {
  Parameters parameters(http.query);
  TableRequest request;
  Table& table = request.table;
  table.name = "the table";
  table.format = &row_format("csv");
  table.delimiter = ',';
  table.columns.time = parameters.take("time_column").value_or("");
  table.columns.label = parameters.take("label_column").value_or("");
  table.columns.score = parameters.take("score_column").value_or("");
  table.columns.text = parameters.take("text_column").value_or("");
  table.columns.group = parameters.take("by").value_or("");
  ReportPlan& plan = request.plan;
  plan.title = parameters.take("title").value_or(table.name);
  plan.period = read_period(parameters);
  plan.date_format = parameters.take("date_format").value_or("");
  plan.time_zone = parameters.take("time_zone").value_or("UTC");
  plan.options.min_count = static_cast<std::uint64_t>(parameters.number(
      "min_count", 1, 1'000'000'000, static_cast<std::int64_t>(plan.options.min_count)));
  parameters.check_all_taken();
  const std::string_view type = http.fields.get("content-type");
  if (!type.starts_with("text/csv"))
    throw RequestError(FailureKind::kMediaType, "labelled rows are sent as Content-Type text/csv");
  if (http.fields.get("content-encoding") == "gzip")
    throw RequestError(FailureKind::kMediaType, "labelled rows are sent as they are, not as gzip");
  return request;
}

// A report takes several passes over the rows: they are kept until it is made, and no longer.
std::unique_ptr<TemporaryFile> keep(HttpStream& stream, Call& call) {
  auto kept = std::make_unique<TemporaryFile>();
  std::vector<char> block(kBlockBytes);
  while (const std::size_t count = stream.read(block)) {
    call.entry.bytes_in += count;
    if (call.entry.bytes_in > kMostBytes)
      throw RequestError(FailureKind::kTooLarge,
                         "the table is larger than 2 GiB; use valence trends for it");
    kept->write({block.data(), count});
  }
  return kept;
}

// ---- the store --------------------------------------------------------------------------------

class StoreInput final : public ReportInput {
 public:
  StoreInput(const ResultRecorder& recorder, ResultQuery query)
      : store_(open_store(recorder)), query_(std::move(query)), texts_(recorder.options().texts) {}

  std::unique_ptr<RecordSource> open(bool texts) const override {
    ResultQuery query = query_;
    query.texts = texts;
    query.columns = false;
    return std::make_unique<StoreRecords>(store_, query, StoreColumns(), WorthMap());
  }
  bool has_texts() const override { return texts_; }
  void describe(TrendReport& report) const override {
    report.source = store_.path().filename().string();
    report.source_format = "sqlite";
    report.model = query_.model.value_or("");
    report.options.time_column = "labelled_at";
    report.options.label_column = "label";
    report.options.score_column = "score";
    if (texts_) report.options.text_column = "text";
  }

 private:
  const ResultStore store_;
  const ResultQuery query_;
  const bool texts_;
};

std::string live_trends(const ResultRecorder& recorder, std::string_view query_text) {
  Parameters parameters(query_text);
  ResultQuery query = read_filters(parameters);
  ReportPlan plan;
  plan.period = read_period(parameters);
  plan.time_zone = parameters.take("time_zone").value_or("UTC");
  plan.title = recorder.options().path.filename().string();
  const std::int64_t days = parameters.number("days", 1, 36500, 0);
  parameters.check_all_taken();
  if (days > 0) query.from = (std::time(nullptr) - days * kDaySeconds) * 1000;
  return report_text(StoreInput(recorder, std::move(query)), plan);
}

}  // namespace

void stream_trends(Api& /*api*/, const CallPtr& call, HttpStream& stream) {
  HttpResponse response;
  try {
    TableRequest request = read_request(call->http);
    request.table.kept = keep(stream, *call);
    request.table.path = request.table.kept->path();
    response.body = report_text(TableInput(std::move(request.table), {}), request.plan);
  } catch (...) {
    const Failure failure = failure_of(std::current_exception());
    call->entry.error = failure.message;
    response = call->protocol().fail(failure);
  }
  stream.respond(call->api->finish(*call, std::move(response)));
}

void handle_live_trends(Api& api, const CallPtr& call) {
  const ResultRecorder& recorder = need_recorder(api);
  answer_later(api, call, [&api, &recorder, query = call->http.query] {
    HttpResponse response;
    response.body = api.kept_reports().get(query, [&] { return live_trends(recorder, query); });
    return response;
  });
}

}  // namespace valence::serve
