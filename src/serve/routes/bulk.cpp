// POST /batch: rows in, labelled rows out, while they come, in bounded memory.
#include <algorithm>
#include <array>
#include <future>
#include <optional>

#include "data/ordered_pipeline.h"
#include "data/row_formats.h"
#include "serve/classify.h"
#include "serve/routes/parameters.h"
#include "serve/routes/routes.h"
#include "valence/error.h"

namespace valence::serve {
namespace {

constexpr std::size_t kChunkRows = 128;
constexpr std::size_t kChunkBytes = std::size_t{32} << 10;
constexpr std::size_t kWorkers = 2;  // chunks of a stream that are computed at a time

struct MediaType {
  std::string_view type;
  std::string_view format;
};
constexpr auto kMediaTypes = std::to_array<MediaType>({
    {"text/csv", "csv"},
    {"text/tab-separated-values", "tsv"},
    {"application/jsonl", "jsonl"},
    {"application/x-ndjson", "jsonl"},
    {"application/jsonlines", "jsonl"},
    {"text/plain", "lines"},
});

struct BulkSettings {
  const RowFormat* input = nullptr;
  const RowFormat* output = nullptr;
  ReadOptions read;
  WriteOptions write;
  ClassifyRequest request;  // without inputs
  bool all_scores = false;
};

std::string_view format_of(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find_first_of("; "));
  for (const MediaType& known : kMediaTypes)
    if (known.type == type) return known.format;
  return {};
}

const RowFormat& known_format(const std::string& name, const char* parameter) {
  try {
    return row_format(name);
  } catch (const Error& error) {
    refuse_parameter(error.what(), parameter);
  }
}

BulkSettings read_settings(const HttpRequest& http, const ProtocolDefaults& defaults) {
  constexpr auto kCommon = std::to_array<std::string_view>(
      {"model", "top_k", "long", "window_overlap", "function_to_apply", "calibrated"});
  Parameters parameters(http.query);
  BulkSettings settings;
  std::string input(format_of(http.fields.get("content-type")));
  if (const auto given = parameters.take("input_format")) input = *given;
  if (input.empty())
    throw RequestError(FailureKind::kMediaType,
                       "the format of the rows is not known: send Content-Type text/csv, "
                       "text/tab-separated-values, application/jsonl or text/plain, or name it: "
                       "?input_format=csv");
  settings.input = &known_format(input, "input_format");
  settings.output =
      &known_format(parameters.take("output_format").value_or(input), "output_format");
  settings.read.origin = "the body";
  settings.read.text_column = parameters.take("text_column");
  settings.read.header = parameters.flag("header", true);
  const std::string delimiter = parameters.take("delimiter").value_or(",");
  if (delimiter.size() != 1 || delimiter.find_first_of("\"\r\n") == 0)
    refuse_parameter("delimiter is one character", "delimiter");
  settings.read.delimiter =
      settings.input->other_delimiter ? delimiter[0] : settings.input->delimiter;
  settings.read.fixed_columns = settings.output->fixed_columns;
  settings.write.header = settings.read.header;
  settings.write.delimiter =
      settings.output->other_delimiter ? delimiter[0] : settings.output->delimiter;
  settings.all_scores = parameters.flag("all_scores", false);
  settings.write.added.chosen = parameters.flag("chosen", false);
  settings.write.added.details = parameters.flag("details", false);
  const Json common = parameters.as_json(kCommon);
  parameters.check_all_taken();
  const JsonRef query(common, "query");
  read_common(query, defaults, settings.request);
  settings.write.added.top = std::max<std::size_t>(1, settings.request.options.top_k);
  settings.write.top_given =
      settings.request.options.top_k > 0 || settings.all_scores || settings.write.added.chosen;
  settings.request.options.top_k = 0;
  return settings;
}

std::string media_type_of(const RowFormat& format) {
  for (const MediaType& known : kMediaTypes)
    if (known.format == format.name) return std::string(known.type);
  return "text/plain";
}

class StreamSource final : public ByteSource {
 public:
  explicit StreamSource(HttpStream& stream) : stream_(stream) {}
  std::size_t read(std::span<char> into) override {
    const std::size_t bytes = stream_.read(into);
    consumed_ += bytes;
    return bytes;
  }
  std::uint64_t consumed() const override { return consumed_; }
  std::uint64_t total() const override { return 0; }

 private:
  HttpStream& stream_;
  std::uint64_t consumed_ = 0;
};

class Bulk {
 public:
  Bulk(Api& api, const CallPtr& call, HttpStream& stream)
      : api_(api),
        call_(*call),
        stream_(stream),
        settings_(read_settings(call->http, api.options().defaults)),
        model_(need_model(api, settings_.request.model)) {
    AddedColumns& added = settings_.write.added;
    added.top = std::min(added.top, model_->steps.width());
    if (settings_.all_scores) added.labels = model_->steps.info().labels;
    settings_.read.added = added.names();
    std::unique_ptr<ByteSource> source = std::make_unique<StreamSource>(stream);
    if (call->http.fields.get("content-encoding") == "gzip")
      source = gzip_source(std::move(source), settings_.read.origin);
    reader_ = settings_.input->make_reader(std::move(source), settings_.read);
    settings_.write.columns = reader_->columns();
    settings_.write.labels = model_->steps.info().labels;
    writer_ = settings_.output->make_writer(settings_.write);
  }

  void run() {
    HttpResponse head;
    head.content_type = media_type_of(*settings_.output);
    head.fields.add("x-request-id", call_.entry.request_id);
    stream_.begin(head);
    begun_ = true;
    std::string text;
    writer_->begin(text);
    send(text);
    OrderedPipeline<std::vector<LabeledRow>> pipeline(
        {.read = [this](auto& rows) { return read(rows); },
         .work = [this](auto& rows) { classify(rows); },
         .write = [this](auto& rows) { write(rows); }},
        kWorkers);
    pipeline.run();
    text.clear();
    writer_->end(text);
    send(text);
    stream_.end();
    call_.entry.bytes_in = reader_->source().consumed();
    call_.entry.model = model_->name;
  }

  bool begun() const { return begun_; }
  std::size_t sent() const { return sent_; }

 private:
  bool read(std::vector<LabeledRow>& rows) {
    std::size_t bytes = 0;
    while (rows.size() < kChunkRows && bytes < kChunkBytes) {
      LabeledRow row;
      if (!reader_->next(row.row)) break;
      bytes += row.row.text.size() + row.row.error.size();
      rows.push_back(std::move(row));
    }
    return !rows.empty();
  }

  void classify(std::vector<LabeledRow>& rows) {
    ClassifyRequest request = settings_.request;
    std::vector<LabeledRow*> targets;
    for (LabeledRow& row : rows) {
      if (!row.row.error.empty()) continue;
      request.inputs.emplace_back(row.row.text);
      targets.push_back(&row);
    }
    Classifying work(api_, model_, std::move(request), Clock::now());
    work.prepare(false);
    std::promise<void> done;
    work.submit(true, [&done] { done.set_value(); });
    done.get_future().wait();
    std::vector<Classification> answers = work.answers();
    for (AnswerObserver* observer : api_.observers())
      observer->answered({call_.entry.request_id, call_.route->pattern, model_->name,
                          model_->steps.width(), work.request().inputs, answers});
    for (std::size_t i = 0; i < targets.size(); ++i) {
      targets[i]->row.error = answers[i].error;
      targets[i]->answer = std::move(answers[i]);
    }
  }

  void write(std::vector<LabeledRow>& rows) {
    std::string text;
    for (const LabeledRow& row : rows) {
      writer_->write(row, text);
      ++call_.entry.texts;
      call_.entry.tokens += row.answer.tokens;
    }
    send(text);
  }

  void send(std::string_view text) {
    stream_.write(text);
    sent_ += text.size();
  }

  Api& api_;
  Call& call_;
  HttpStream& stream_;
  BulkSettings settings_;
  ModelPtr model_;
  std::unique_ptr<RowReader> reader_;
  std::unique_ptr<RowWriter> writer_;
  bool begun_ = false;
  std::size_t sent_ = 0;
};

}  // namespace

void stream_bulk(Api& api, const CallPtr& call, HttpStream& stream) {
  std::unique_ptr<Bulk> bulk;
  HttpResponse end;  // what the log and the metrics get to see
  try {
    bulk = std::make_unique<Bulk>(api, call, stream);
    bulk->run();
  } catch (...) {
    const Failure failure = failure_of(std::current_exception());
    call->entry.error = failure.message;
    end = call->protocol().fail(failure);
    if (!bulk || !bulk->begun()) return stream.respond(api.finish(*call, std::move(end)));
    end.status = 499;  // too late to tell the client otherwise than by cutting the answer off
  }
  call->entry.bytes_out = bulk->sent();
  api.finish(*call, std::move(end));
}

}  // namespace valence::serve
