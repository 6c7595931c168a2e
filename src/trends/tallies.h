// Counts and sums of labelled rows, by period and group: all that is kept of them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "trends/periods.h"
#include "trends/records.h"
#include "trends/report.h"
#include "trends/time_reader.h"

namespace valence {

// Polarity from -1 to 1 in equal steps.
inline constexpr std::size_t kPolaritySteps = 128;
std::size_t polarity_step(double polarity);
double polarity_of_step(std::size_t step);

struct Tally {
  std::uint64_t count = 0;
  std::vector<std::uint64_t> labels;  // by the label's number; may be shorter than there are
  double score_sum = 0, polarity_sum = 0;
  std::uint64_t scores = 0, polarities = 0;                              // rows that have one
  std::unique_ptr<std::array<std::uint64_t, kPolaritySteps>> histogram;  // where polarities > 0

  std::uint64_t of_label(std::size_t label) const {
    return label < labels.size() ? labels[label] : 0;
  }
  void add(const Tally& other);
};

// Numbers for names, as they come.
class Names {
 public:
  // The number of a name that is there or can be added; nothing where there are `most` others.
  std::optional<std::uint32_t> number_of(std::string_view name, std::size_t most);
  const std::vector<std::string>& names() const { return names_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
  std::vector<std::string> names_;
};

struct TallyOptions {
  PeriodKind period = PeriodKind::kMonth;
  std::optional<Day> from, to;  // the first and the last day that count
  std::string origin;           // for errors
  std::string label_column, group_column;
};

// Memory grows with the number of periods, groups and labels, not with that of rows.
class Tallies {
 public:
  // `times` outlives it.
  Tallies(const TallyOptions& options, const TimeReader& times)
      : options_(options), times_(times) {}

  // Throws Error(kInvalidArgument) where there are more labels, or periods and groups together,
  // than a report can be made of.
  void add(const Record& record);

  struct Key {
    Period period;
    std::uint32_t group;  // by groups()
    bool operator==(const Key&) const = default;
  };
  struct HashKey {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::uint64_t>()(std::uint64_t{key.group} << 32U |
                                        static_cast<std::uint32_t>(key.period));
    }
  };
  const std::unordered_map<Key, Tally, HashKey>& cells() const { return cells_; }
  const std::vector<std::string>& labels() const { return labels_.names(); }
  // One group, "", where the rows have none. Beyond a thousand values all others are put together:
  // these rows have the number groups().size().
  const std::vector<std::string>& groups() const { return groups_.names(); }

  std::uint64_t read() const { return read_; }
  std::uint64_t used() const { return used_; }
  std::uint64_t outside() const { return outside_; }
  std::vector<SkippedRows> skipped() const;  // reasons that occurred

 private:
  void skip(SkippedRows& reason, std::uint64_t line, std::string_view value);
  void count(const Record& record, Period period);

  TallyOptions options_;
  const TimeReader& times_;
  std::unordered_map<Key, Tally, HashKey> cells_;
  Names labels_, groups_;
  std::uint64_t read_ = 0, used_ = 0, outside_ = 0;
  SkippedRows broken_{"row", "the row cannot be read", 0, {}};
  SkippedRows undated_{"date", "the date cannot be read", 0, {}};
  SkippedRows unlabelled_{"label", "the row has no label", 0, {}};
};

}  // namespace valence
