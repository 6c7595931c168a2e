#include <utility>

#include "trends/report_formats.h"

namespace valence {
namespace {

using Ordered = nlohmann::ordered_json;

constexpr int kVersion = 1;

template <typename Value>
Ordered or_null(const std::optional<Value>& value) {
  return value ? Ordered(*value) : Ordered(nullptr);
}

Ordered text_or_null(const std::string& text) {
  return text.empty() ? Ordered(nullptr) : Ordered(text);
}

Ordered date_or_null(const std::optional<Day>& day) {
  return day ? Ordered(date_of(*day)) : Ordered(nullptr);
}

Ordered options_of(const TrendReport::Options& o) {
  return {{"period", name_of(o.period)},
          {"time_zone", o.time_zone},
          {"time_column", text_or_null(o.time_column)},
          {"label_column", text_or_null(o.label_column)},
          {"score_column", text_or_null(o.score_column)},
          {"text_column", text_or_null(o.text_column)},
          {"group_column", text_or_null(o.group_column)},
          {"date_format", o.date_format},
          {"from", date_or_null(o.from)},
          {"to", date_or_null(o.to)},
          {"min_count", o.min_count},
          {"alpha", kAlpha},
          {"level", 0.95},
          {"polarity", text_or_null(o.polarity)}};
}

Ordered skipped_of(const TrendReport& report) {
  Ordered list = Ordered::array();
  for (const SkippedRows& reason : report.skipped) {
    Ordered examples = Ordered::array();
    for (const LineExample& example : reason.examples)
      examples.push_back({{"line", example.line}, {"value", example.value}});
    list.push_back({{"reason", reason.reason},
                    {"meaning", reason.meaning},
                    {"count", reason.count},
                    {"examples", std::move(examples)}});
  }
  return list;
}

Ordered labels_of(const TrendReport& report) {
  Ordered list = Ordered::array();
  for (const ReportLabel& label : report.labels) {
    Ordered kind;
    if (label.worth)
      kind = *label.worth < 0 ? "negative" : *label.worth > 0 ? "positive" : "neutral";
    list.push_back({{"name", label.name},
                    {"class", std::move(kind)},
                    {"worth", or_null(label.worth)},
                    {"count", label.count}});
  }
  return list;
}

Ordered change_of(const std::optional<ShareChange>& change) {
  if (!change) return nullptr;
  return {{"difference", change->difference},
          {"z", or_null(change->z)},
          {"p", or_null(change->p)},
          {"q", or_null(change->q)},
          {"significant", change->significant}};
}

Ordered share_of(const LabelShare& share, bool any) {
  Ordered json{{"count", share.count}, {"share", nullptr}, {"low", nullptr}, {"high", nullptr}};
  if (any) {
    json["share"] = share.share;
    json["low"] = share.interval.low;
    json["high"] = share.interval.high;
  }
  json["change"] = change_of(share.change);
  return json;
}

Ordered cell_of(const ReportCell& cell) {
  Ordered json{{"count", cell.count},
               {"uncertain", cell.uncertain},
               {"compared_with", or_null(cell.compared_with)},
               {"score", or_null(cell.score)},
               {"polarity", nullptr}};
  if (cell.polarity)
    json["polarity"] = {{"mean", cell.polarity->mean},
                        {"low", cell.polarity->interval.low},
                        {"high", cell.polarity->interval.high},
                        {"change", or_null(cell.polarity->change)}};
  json["labels"] = Ordered::array();
  for (const LabelShare& share : cell.labels)
    json["labels"].push_back(share_of(share, cell.count > 0));
  json["flags"] = Ordered::array();
  if (cell.changed) json["flags"].push_back("change");
  if (cell.drifted) json["flags"].push_back("drift");
  return json;
}

Ordered groups_of(const TrendReport& report) {
  Ordered list = Ordered::array();
  for (const ReportGroup& group : report.groups) {
    const char* kind = group.kind == ReportGroup::Kind::kAll     ? "all"
                       : group.kind == ReportGroup::Kind::kValue ? "value"
                                                                 : "other";
    Ordered cells = Ordered::array();
    for (const ReportCell& cell : group.cells) cells.push_back(cell_of(cell));
    list.push_back({{"name", group.name},
                    {"kind", kind},
                    {"count", group.count},
                    {"cells", std::move(cells)}});
  }
  return list;
}

Ordered drift_of(const TrendReport& report) {
  Ordered list = Ordered::array();
  for (const ReportDrift& drift : report.drift)
    list.push_back({{"group", drift.group},
                    {"label", drift.label},
                    {"period", drift.period},
                    {"since", drift.since},
                    {"direction", drift.up ? "up" : "down"},
                    {"statistic", drift.statistic},
                    {"baseline",
                     {{"share", drift.baseline_share},
                      {"first", drift.baseline_first},
                      {"last", drift.baseline_last}}}});
  return list;
}

Ordered words_of(const std::vector<ReportWord>& words) {
  Ordered list = Ordered::array();
  for (const ReportWord& word : words)
    list.push_back({{"term", word.term},
                    {"z", word.z},
                    {"log_odds", word.log_odds},
                    {"count", word.count},
                    {"count_before", word.count_before}});
  return list;
}

Ordered texts_of(const std::vector<TypicalText>& texts) {
  Ordered list = Ordered::array();
  for (const TypicalText& text : texts)
    list.push_back({{"text", text.text},
                    {"cut", text.cut},
                    {"time", text.time},
                    {"line", text.line},
                    {"weight", text.weight}});
  return list;
}

Ordered flagged_of(const TrendReport& report) {
  Ordered list = Ordered::array();
  for (const FlaggedPeriod& flagged : report.flagged) {
    Ordered reasons = Ordered::array();
    if (flagged.change) reasons.push_back("change");
    if (flagged.drift) reasons.push_back("drift");
    Ordered entry{{"group", flagged.group},
                  {"period", flagged.period},
                  {"label", flagged.label},
                  {"direction", flagged.up ? "up" : "down"},
                  {"reasons", std::move(reasons)},
                  {"before", {{"first", flagged.before_first}, {"last", flagged.before_last}}},
                  {"words", nullptr},
                  {"texts", nullptr}};
    if (flagged.has_texts) {
      entry["words"] = {{"now", words_of(flagged.now)}, {"before", words_of(flagged.before)}};
      entry["texts"] = texts_of(flagged.texts);
    }
    list.push_back(std::move(entry));
  }
  return list;
}

Ordered periods_of(const TrendReport& report) {
  Ordered list = Ordered::array();
  for (const ReportPeriod& period : report.periods)
    list.push_back(
        {{"name", period.name}, {"start", date_of(period.start)}, {"end", date_of(period.end)}});
  return list;
}

Ordered methods() {
  return {
      {"share", "Wilson score interval, 95 % (Wilson 1927)"},
      {"polarity",
       "mean of the labels' worths weighted by their probabilities; percentile bootstrap, 95 %, "
       "1000 resamples (Efron 1979), from a histogram of 128 steps, m out of n above 512 texts "
       "(Bickel, Götze and van Zwet 1997)"},
      {"change",
       "two-proportion z-test with pooled variance, two-sided; q values by Benjamini and "
       "Hochberg (1995) over all comparisons of the report"},
      {"drift",
       "two-sided tabular CUSUM (Page 1954), k = 0.75 and h = 5, of shares standardised against "
       "the first periods and by their own spread (Laney 2002)"},
      {"words",
       "log-odds ratio with informative Dirichlet prior (Monroe, Colaresi and Quinn 2008)"},
      {"texts",
       "highest sum of the z (from 1.96 on) of their words and phrases over the root of their "
       "number of words, "
       "of up to 200 drawn at random"}};
}

}  // namespace

Ordered report_json(const TrendReport& report, const std::string& made_at) {
  Ordered json{{"format", "valence-trends"},
               {"version", kVersion},
               {"program", "valence " VALENCE_VERSION},
               {"made_at", made_at},
               {"title", report.title},
               {"source",
                {{"name", report.source},
                 {"format", report.source_format},
                 {"model", text_or_null(report.model)}}},
               {"options", options_of(report.options)}};
  json["rows"] = {{"read", report.read},
                  {"used", report.used},
                  {"skipped", report.read - report.used - report.outside},
                  {"outside", report.outside}};
  json["skipped"] = skipped_of(report);
  json["labels"] = labels_of(report);
  json["periods"] = periods_of(report);
  json["groups"] = groups_of(report);
  json["drift"] = drift_of(report);
  json["flagged"] = flagged_of(report);
  json["figures"] = {{"comparisons", report.comparisons}, {"significant", report.significant}};
  json["notes"] = report.notes;
  json["methods"] = methods();
  return json;
}

}  // namespace valence
