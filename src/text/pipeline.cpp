#include "text/pipeline.h"

#include <algorithm>
#include <string>
#include <utility>

#include "text/offset_trim.h"
#include "valence/error.h"

namespace valence {
namespace {

TokenizerSpec checked(TokenizerSpec spec) {
  if (!spec.pipeline.is_object())
    throw Error(ErrorCode::kCorrupt, "tokenizer: expected an object that describes the pipeline");
  if (spec.tokens.empty())
    throw Error(ErrorCode::kCorrupt, "tokenizer/model: the vocabulary is empty");
  return spec;
}

}  // namespace

Pipeline::Pipeline(TokenizerSpec given)
    : spec(checked(std::move(given))),
      vocabulary(spec.tokens),
      normalizer(make_normalizer(component("normalizer"))),
      pre_tokenizer(make_pre_tokenizer(component("pre_tokenizer"))),
      segmenter(make_segmenter(spec, vocabulary)),
      added(component("added_tokens"), vocabulary, *normalizer),
      post_processor(component("post_processor")) {
  check_special_ids();
}

void Pipeline::tokenize(std::string_view text, std::uint32_t begin, std::uint32_t end,
                        Encoding& out) const {
  SplitText words =
      added.extract(AlignedText(text.substr(begin, std::size_t{end} - begin)), *normalizer);
  pre_tokenizer->apply(words);
  segment(words, text, begin, out);
}

void Pipeline::segment(const SplitText& words, std::string_view text, std::uint32_t begin,
                       Encoding& out) const {
  const auto add = [&](std::int32_t id, TextSpan span, std::string_view shown) {
    span = {span.begin + begin, span.end + begin};
    for (const OffsetTrim& trim : post_processor.trims)
      span = trim_offsets(trim, out.ids.empty(), shown, span, text);
    out.ids.push_back(id);
    out.offsets.push_back(span);
  };
  std::vector<Piece> pieces;
  for (const Split& split : words.splits()) {
    const std::string_view word = words.text_of(split);
    if (split.id >= 0) {
      add(split.id, words.span_of(split, 0, word.size()), word);
      continue;
    }
    pieces.clear();
    segmenter->segment(word, pieces);
    for (const Piece& piece : pieces) {
      const std::string_view shown = segmenter->shows_text(piece.id)
                                         ? word.substr(piece.begin, piece.end - piece.begin)
                                         : vocabulary.token(piece.id);
      add(piece.id, words.span_of(split, piece.begin, piece.end), shown);
    }
  }
}

std::size_t Pipeline::id_count() const {
  return std::max(vocabulary.size(), static_cast<std::size_t>(added.end_id()));
}

std::string_view Pipeline::token(std::int32_t id) const {
  if (const std::string* content = added.find(id)) return *content;
  if (id < 0 || static_cast<std::size_t>(id) >= vocabulary.size()) return {};
  return vocabulary.token(id);
}

JsonRef Pipeline::component(const char* key) const {
  static const Json kNull;
  const auto found = spec.pipeline.find(key);
  return {found == spec.pipeline.end() ? kNull : *found, std::string("tokenizer/") + key};
}

void Pipeline::check_special_ids() const {
  for (const auto* items : {&post_processor.single, &post_processor.pair})
    for (const TemplateItem& item : *items)
      if (item.id >= 0 && static_cast<std::size_t>(item.id) >= id_count())
        throw Error(ErrorCode::kCorrupt,
                    "tokenizer/post_processor: the special token's id " + std::to_string(item.id) +
                        " is not in the vocabulary of " + std::to_string(id_count()) + " tokens");
}

}  // namespace valence
