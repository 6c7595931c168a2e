#include "text/tokenizer.h"

#include <algorithm>
#include <string>

#include "base/utf8.h"
#include "text/added_tokens.h"
#include "text/normalizer.h"
#include "text/offset_trim.h"
#include "text/post_processor.h"
#include "text/pre_tokenizer.h"
#include "text/segmenter.h"
#include "text/vocabulary.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr std::size_t kMaxTextBytes = std::size_t{1} << 30;

// A member of the pipeline, or null where it is absent.
JsonRef component(const Json& pipeline, const char* key) {
  static const Json kNull;
  const auto found = pipeline.find(key);
  return {found == pipeline.end() ? kNull : *found, std::string("tokenizer/") + key};
}

const TokenizerSpec& checked(const TokenizerSpec& spec) {
  if (!spec.pipeline.is_object())
    throw Error(ErrorCode::kCorrupt, "tokenizer: expected an object that describes the pipeline");
  if (spec.tokens.empty())
    throw Error(ErrorCode::kCorrupt, "tokenizer/model: the vocabulary is empty");
  return spec;
}

}  // namespace

struct Tokenizer::Parts {
  explicit Parts(TokenizerSpec given)
      : spec(std::move(given)),
        vocabulary(checked(spec).tokens),
        normalizer(make_normalizer(component(spec.pipeline, "normalizer"))),
        pre_tokenizer(make_pre_tokenizer(component(spec.pipeline, "pre_tokenizer"))),
        segmenter(make_segmenter(spec, vocabulary)),
        added(component(spec.pipeline, "added_tokens"), vocabulary, *normalizer),
        post_processor(component(spec.pipeline, "post_processor")) {
    check_special_ids();
  }

  std::size_t id_count() const {
    return std::max(vocabulary.size(), static_cast<std::size_t>(added.end_id()));
  }

  std::string_view token(std::int32_t id) const {
    if (const std::string* content = added.find(id)) return *content;
    if (id < 0 || static_cast<std::size_t>(id) >= vocabulary.size()) return {};
    return vocabulary.token(id);
  }

  void check_special_ids() const {
    for (const auto* items : {&post_processor.single, &post_processor.pair})
      for (const TemplateItem& item : *items)
        if (item.id >= 0 && static_cast<std::size_t>(item.id) >= id_count())
          throw Error(ErrorCode::kCorrupt, "tokenizer/post_processor: the special token's id " +
                                               std::to_string(item.id) +
                                               " is not in the vocabulary of " +
                                               std::to_string(id_count()) + " tokens");
  }

  TokenizerSpec spec;
  Vocabulary vocabulary;
  std::unique_ptr<Normalizer> normalizer;
  std::unique_ptr<PreTokenizer> pre_tokenizer;
  std::unique_ptr<Segmenter> segmenter;
  AddedTokens added;
  PostProcessor post_processor;
};

namespace {

// Tokens as they are found, and the text that trimming looks at.
class Collector {
 public:
  Collector(std::string_view original, const std::vector<OffsetTrim>& trims)
      : original_(original), trims_(trims) {}

  void add(std::int32_t id, TextSpan span, std::string_view shown) {
    for (const OffsetTrim& trim : trims_)
      span = trim_offsets(trim, encoding_.ids.empty(), shown, span, original_);
    encoding_.ids.push_back(id);
    encoding_.offsets.push_back(span);
  }

  Encoding finish() {
    encoding_.type_ids.assign(encoding_.ids.size(), 0);
    return std::move(encoding_);
  }

 private:
  std::string_view original_;
  const std::vector<OffsetTrim>& trims_;
  Encoding encoding_;
};

void append(const std::vector<TemplateItem>& items, std::span<const Encoding* const> texts,
            std::size_t begin, std::size_t end, Encoding& out) {
  for (const TemplateItem& item : items) {
    if (item.id >= 0) {
      out.ids.push_back(item.id);
      out.offsets.emplace_back();
    } else if (item.id == kFirstText || item.id == kSecondText) {
      const Encoding& text = *texts[item.id == kFirstText ? 0 : 1];
      const auto first = static_cast<std::ptrdiff_t>(begin);
      const auto last = static_cast<std::ptrdiff_t>(std::min(end, text.size()));
      out.ids.insert(out.ids.end(), text.ids.begin() + first, text.ids.begin() + last);
      out.offsets.insert(out.offsets.end(), text.offsets.begin() + first,
                         text.offsets.begin() + last);
    }
    out.type_ids.resize(out.ids.size(), item.type_id);
  }
}

}  // namespace

Tokenizer::Tokenizer(TokenizerSpec spec) : parts_(std::make_unique<Parts>(std::move(spec))) {}
Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;

Encoding Tokenizer::tokenize(std::string_view text) const {
  if (text.size() > kMaxTextBytes)
    throw Error(ErrorCode::kInvalidArgument, "a text of " + std::to_string(text.size()) +
                                                 " bytes is over the limit of 1 GiB; split it");
  const Parts& parts = *parts_;
  SplitText words = parts.added.extract(AlignedText(text), *parts.normalizer);
  parts.pre_tokenizer->apply(words);
  Collector collector(text, parts.post_processor.trims);
  std::vector<Piece> pieces;
  for (const Split& split : words.splits()) {
    const std::string_view word = words.text_of(split);
    if (split.id >= 0) {
      collector.add(split.id, words.span_of(split, 0, word.size()), word);
      continue;
    }
    pieces.clear();
    parts.segmenter->segment(word, pieces);
    for (const Piece& piece : pieces) {
      const std::string_view shown = parts.segmenter->shows_text(piece.id)
                                         ? word.substr(piece.begin, piece.end - piece.begin)
                                         : parts.vocabulary.token(piece.id);
      collector.add(piece.id, words.span_of(split, piece.begin, piece.end), shown);
    }
  }
  return collector.finish();
}

Encoding Tokenizer::with_specials(const Encoding& content, std::size_t begin,
                                  std::size_t end) const {
  if (begin > end || end > content.size())
    throw Error(ErrorCode::kInvalidArgument,
                "tokens " + std::to_string(begin) + " to " + std::to_string(end) +
                    " are not among the text's " + std::to_string(content.size()));
  Encoding out;
  const Encoding* const texts[] = {&content};
  append(parts_->post_processor.single, texts, begin, end, out);
  return out;
}

Encoding Tokenizer::with_specials(const Encoding& first, const Encoding& second) const {
  Encoding out;
  const Encoding* const texts[] = {&first, &second};
  append(parts_->post_processor.pair, texts, 0, std::max(first.size(), second.size()), out);
  return out;
}

std::size_t Tokenizer::special_count() const {
  return count_special(parts_->post_processor.single);
}

std::size_t Tokenizer::pair_special_count() const {
  return count_special(parts_->post_processor.pair);
}

const TokenizerSpec& Tokenizer::spec() const {
  return parts_->spec;
}

std::size_t Tokenizer::vocabulary_size() const {
  return parts_->id_count();
}

std::string_view Tokenizer::token(std::int32_t id) const {
  return parts_->token(id);
}

}  // namespace valence
