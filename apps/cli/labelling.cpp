#include "apps/cli/labelling.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/cli/interrupt.h"
#include "data/ordered_pipeline.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

// Small enough that progress shows, a signal is heeded within seconds and little is lost when a run
// is stopped; large enough to keep all threads busy. A resumed run cuts the same chunks, so that it
// computes the very same numbers.
constexpr std::size_t kChunkRows = 256;
constexpr std::size_t kChunkBytes = std::size_t{64} << 10;

struct Chunk {
  std::vector<LabeledRow> rows;
  std::uint64_t consumed = 0;  // bytes of the input, when the chunk had been read
};

class Labelling {
 public:
  explicit Labelling(const LabellingParts& parts) : parts_(parts) {}

  LabellingResult run() {
    begin();
    // A worker waits inside the classifier while the classifier's own threads compute.
    const std::size_t workers = std::clamp<std::size_t>(parts_.threads / 4, 2, 16);
    OrderedPipeline<Chunk> pipeline({.read = [this](Chunk& chunk) { return read(chunk); },
                                     .work = [this](Chunk& chunk) { classify(chunk); },
                                     .write = [this](Chunk& chunk) { write(chunk); }},
                                    parts_.threads == 1 ? 1 : workers);
    try {
      pipeline.run();
    } catch (...) {
      save_what_is_there();
      throw;
    }
    end();
    return std::move(result_);
  }

 private:
  void begin() {
    const Ledger* before = parts_.sink.resumed();
    if (before != nullptr) {
      result_.tally = Tally::from_json({before->tally, "ledger: /tally"});
      Row row;
      for (std::uint64_t i = 0; i < before->rows; ++i)
        if (!parts_.reader.next(row))
          throw Error(ErrorCode::kCorrupt, parts_.origin + ": has fewer rows than were labelled");
    } else {
      parts_.sink.begin();
    }
    parts_.progress.start(parts_.reader.source().consumed());
  }

  bool stopping() const { return parts_.interruptible && Interrupt::signal() != 0; }

  bool read(Chunk& chunk) {
    if (stopping()) return false;
    std::size_t bytes = 0;
    while (chunk.rows.size() < kChunkRows && bytes < kChunkBytes) {
      // Who writes into a pipe line by line gets answers line by line.
      if (!chunk.rows.empty() && !parts_.reader.ready()) break;
      LabeledRow row;
      if (!parts_.reader.next(row.row)) break;
      bytes += row.row.text.size() + row.row.error.size();
      chunk.rows.push_back(std::move(row));
    }
    chunk.consumed = parts_.reader.source().consumed();
    return !chunk.rows.empty();
  }

  void classify(Chunk& chunk) const {
    std::vector<std::string_view> texts;
    std::vector<LabeledRow*> rows;
    for (LabeledRow& row : chunk.rows) {
      if (!row.row.error.empty()) continue;
      texts.emplace_back(row.row.text);
      rows.push_back(&row);
    }
    std::vector<Classification> answers = parts_.classifier.classify(texts, parts_.options);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i]->row.error = answers[i].error;
      rows[i]->answer = std::move(answers[i]);
    }
  }

  void write(Chunk& chunk) {
    Tally tally = result_.tally;
    for (const LabeledRow& row : chunk.rows) {
      if (parts_.strict && !row.row.error.empty()) {
        const auto good = static_cast<std::size_t>(&row - chunk.rows.data());
        if (!parts_.sink.resumable()) parts_.sink.write(std::span(chunk.rows).first(good), tally);
        fail_at(row.row);
      }
      tally.count(row);
    }
    parts_.sink.write(chunk.rows, tally);
    result_.tally = std::move(tally);
    result_.fresh += chunk.rows.size();
    parts_.progress.show(result_.fresh, chunk.consumed, parts_.reader.source().total());
  }

  [[noreturn]] void fail_at(const Row& row) const {
    throw Error(ErrorCode::kCorrupt, parts_.origin + ": row " + std::to_string(row.number) +
                                         ", line " + std::to_string(row.line) + ": " + row.error);
  }

  void end() {
    result_.stopped = stopping();
    if (!result_.stopped) parts_.sink.end();
    parts_.sink.save(result_.tally);
    parts_.progress.clear();
  }

  // After a failure: what was written before it need not be done again.
  void save_what_is_there() {
    try {
      if (result_.fresh > 0) parts_.sink.save(result_.tally);
    } catch (const Error&) {  // the disk may be full; the failure itself is what is told
      return;
    }
  }

  const LabellingParts& parts_;
  LabellingResult result_;
};

}  // namespace

LabellingResult label_rows(const LabellingParts& parts) {
  return Labelling(parts).run();
}

}  // namespace valence::cli
