#include "text/post_processor.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "valence/error.h"

namespace valence {
namespace {

using Items = std::vector<TemplateItem>;

// Groups of items that processors hand on: at first one for each text.
struct State {
  std::vector<Items> groups;
  std::vector<OffsetTrim> trims;
};

TemplateItem special(const JsonRef& pair_of_text_and_id, std::uint8_t type_id) {
  const auto id = pair_of_text_and_id.at(std::size_t{1}).integer_in(0, INT32_MAX);
  return {static_cast<std::int32_t>(id), type_id};
}

void add_trim(const JsonRef& json, State& state) {
  if (!json.boolean_or("trim_offsets", true)) return;
  const bool at_start =
      !state.groups.empty() && !state.groups[0].empty() && state.groups[0][0].id == kFirstText;
  state.trims.push_back({json.boolean_or("add_prefix_space", true), at_start});
}

void apply_bert(const JsonRef& json, State& state) {
  const JsonRef cls = json.at("cls");
  const JsonRef sep = json.at("sep");
  for (std::size_t i = 0; i < state.groups.size(); ++i) {
    Items& group = state.groups[i];
    if (i == 0) group.insert(group.begin(), special(cls, 0));
    group.push_back(special(sep, i == 0 ? 0 : 1));
  }
}

void apply_roberta(const JsonRef& json, State& state) {
  add_trim(json, state);
  const JsonRef cls = json.at("cls");
  const JsonRef sep = json.at("sep");
  for (std::size_t i = 0; i < state.groups.size(); ++i) {
    Items& group = state.groups[i];
    for (TemplateItem& item : group) item.type_id = 0;
    group.insert(group.begin(), special(i == 0 ? cls : sep, 0));
    group.push_back(special(sep, 0));
  }
}

void apply_byte_level(const JsonRef& json, State& state) {
  add_trim(json, state);
}

void add_template_sequence(const JsonRef& piece, std::uint8_t type_id, const State& state,
                           std::vector<Items>& out) {
  const std::string name = piece.at("id").string();
  const std::size_t index = name == "A" ? 0 : 1;
  if (name != "A" && name != "B") piece.at("id").fail("expected \"A\" or \"B\"");
  if (index >= state.groups.size())
    throw Error(ErrorCode::kCorrupt,
                piece.path() + ": the template for one text names a second text");
  Items items = state.groups[index];
  for (TemplateItem& item : items) item.type_id = type_id;
  out.push_back(std::move(items));
}

void apply_template(const JsonRef& json, State& state) {
  if (state.groups.size() > 2)
    throw Error(ErrorCode::kUnsupported,
                json.path() + ": a template after another template is not supported");
  const JsonRef pieces = json.at(state.groups.size() == 1 ? "single" : "pair");
  std::vector<Items> out;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const JsonRef entry = pieces.at(i);
    const bool is_text = entry.has("Sequence");
    const JsonRef piece = entry.at(is_text ? "Sequence" : "SpecialToken");
    const auto type_id = static_cast<std::uint8_t>(piece.at("type_id").integer_in(0, 255));
    if (is_text) {
      add_template_sequence(piece, type_id, state, out);
      continue;
    }
    const JsonRef ids = json.at("special_tokens").at(piece.at("id").string()).at("ids");
    Items items;
    for (std::size_t k = 0; k < ids.size(); ++k)
      items.push_back({static_cast<std::int32_t>(ids.at(k).integer_in(0, INT32_MAX)), type_id});
    out.push_back(std::move(items));
  }
  state.groups = std::move(out);
}

void apply(const JsonRef& json, State& state);

void apply_sequence(const JsonRef& json, State& state) {
  const JsonRef list = json.at("processors");
  if (!list.is_array()) list.fail("expected an array");
  for (std::size_t i = 0; i < list.size(); ++i) apply(list.at(i), state);
}

constexpr auto kPostProcessors =
    std::to_array<std::pair<std::string_view, void (*)(const JsonRef&, State&)>>({
        {"BertProcessing", apply_bert},
        {"RobertaProcessing", apply_roberta},
        {"TemplateProcessing", apply_template},
        {"ByteLevel", apply_byte_level},
        {"Sequence", apply_sequence},
    });

void apply(const JsonRef& json, State& state) {
  const std::string type = json.at("type").string();
  for (const auto& [name, apply_it] : kPostProcessors)
    if (name == type) return apply_it(json, state);
  throw Error(ErrorCode::kUnsupported,
              json.path() + ": the post-processor \"" + type + "\" is not known");
}

Items joined(const State& state) {
  Items out;
  for (const Items& group : state.groups) out.insert(out.end(), group.begin(), group.end());
  return out;
}

}  // namespace

PostProcessor::PostProcessor(const JsonRef& json) {
  State one{{{{kFirstText, 0}}}, {}};
  State two{{{{kFirstText, 0}}, {{kSecondText, 1}}}, {}};
  if (!json.is_null()) {
    apply(json, one);
    apply(json, two);
  }
  single = joined(one);
  pair = joined(two);
  trims = one.trims;
}

std::size_t count_special(const std::vector<TemplateItem>& items) {
  return static_cast<std::size_t>(
      std::count_if(items.begin(), items.end(), [](TemplateItem item) { return item.id >= 0; }));
}

}  // namespace valence
