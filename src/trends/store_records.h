// Labelled rows of a store.
#pragma once

#include <optional>
#include <string>

#include "data/polarity.h"
#include "store/result_store.h"
#include "trends/records.h"

namespace valence {

// Which of a row's values is what: "" for the time is when it was labelled; "model", "source" or
// one of its other columns by name.
struct StoreColumns {
  std::string time, group;
};

// `worths` that are given are applied to the scores of all labels; without, the store's own
// polarity counts. The store outlives the source.
class StoreRecords final : public RecordSource {
 public:
  StoreRecords(const ResultStore& store, ResultQuery query, StoreColumns columns, WorthMap worths);

  bool next(Record& record) override;

 private:
  std::string_view value(const std::string& name) const;
  std::optional<double> polarity() const;

  StoreColumns columns_;
  WorthMap worths_;
  ResultCursor cursor_;
  StoredResult result_;
};

}  // namespace valence
