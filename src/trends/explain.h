// Why flagged periods are as they are: the second pass over the rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "trends/records.h"
#include "trends/report.h"
#include "trends/terms_by_body.h"
#include "trends/time_reader.h"
#include "trends/vocabulary_counts.h"

namespace valence {

// Sees the rows that the report was made of once more, and finds words and typical texts for its
// flagged periods, at most kMostExplained of them. The report and `times` outlive it.
class Explanation {
 public:
  static constexpr std::size_t kMostExplained = 60;

  Explanation(TrendReport& report, const TimeReader& times);

  bool needed() const { return !chosen_.empty(); }
  void add(const Record& record);
  void finish();  // writes into the report

 private:
  // The texts of a label in a period of a group.
  using BodyKey = std::tuple<std::size_t, std::size_t, std::size_t>;  // group, label, period
  struct Sample {
    std::string text;
    bool cut = false;
    std::string time;
    std::uint64_t line = 0;
  };
  struct Body {
    std::uint64_t texts = 0, words = 0, phrases = 0;
    bool sampled = false;  // some flagged period wants its typical texts
    std::vector<Sample> samples;
  };
  void choose();
  void number_bodies();
  void find_body(std::size_t group, std::size_t label, std::size_t period);
  void add_to_bodies(const Record& record, std::int64_t time);
  void sample(Body& body, const Record& record, std::int64_t time);
  void explain(FlaggedPeriod& flagged, const TermsByBody& terms);
  void find_typical(FlaggedPeriod& flagged, const Body& body,
                    const std::unordered_map<std::string, double>& weights);

  TrendReport& report_;
  const TimeReader& times_;
  std::vector<std::size_t> chosen_;           // places in report_.flagged
  std::map<BodyKey, std::uint32_t> numbers_;  // in the order of their keys
  std::vector<Body> bodies_;
  std::unordered_map<std::string, std::size_t> groups_, labels_;
  std::map<Period, std::size_t> periods_;
  std::size_t other_group_ = 0;  // 0: there is none
  VocabularyCounts counts_;
  // Of the record at hand.
  std::vector<std::uint32_t> here_;  // the bodies that it belongs to
  std::vector<std::string> words_;
  std::string phrase_;
  std::mt19937_64 random_{20251130};
};

}  // namespace valence
