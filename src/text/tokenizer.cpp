#include "text/tokenizer.h"

#include <algorithm>
#include <string>

#include "text/fast_path.h"
#include "text/pipeline.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr std::size_t kMaxTextBytes = std::size_t{1} << 30;
constexpr std::size_t kBytesPerToken = 4;  // about as many as English has

void reserve(Encoding& encoding, std::size_t tokens) {
  encoding.ids.reserve(tokens);
  encoding.offsets.reserve(tokens);
}

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

struct Tokenizer::Parts {
  explicit Parts(TokenizerSpec spec)
      : pipeline(std::move(spec)), fast_path(make_fast_path(pipeline)) {}

  Pipeline pipeline;
  std::unique_ptr<const FastPath> fast_path;  // null: none fits the pipeline
};

Tokenizer::Tokenizer(TokenizerSpec spec) : parts_(std::make_unique<Parts>(std::move(spec))) {}
Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;

Encoding Tokenizer::tokenize(std::string_view text) const {
  if (text.size() > kMaxTextBytes)
    throw Error(ErrorCode::kInvalidArgument, "a text of " + std::to_string(text.size()) +
                                                 " bytes is over the limit of 1 GiB; split it");
  Encoding out;
  reserve(out, text.size() / kBytesPerToken);
  if (!parts_->fast_path || !parts_->fast_path->tokenize(text, out)) {
    out.ids.clear();
    out.offsets.clear();
    parts_->pipeline.tokenize(text, 0, static_cast<std::uint32_t>(text.size()), out);
  }
  out.type_ids.assign(out.ids.size(), 0);
  return out;
}

Encoding Tokenizer::with_specials(const Encoding& content, std::size_t begin,
                                  std::size_t end) const {
  if (begin > end || end > content.size())
    throw Error(ErrorCode::kInvalidArgument,
                "tokens " + std::to_string(begin) + " to " + std::to_string(end) +
                    " are not among the text's " + std::to_string(content.size()));
  Encoding out;
  reserve(out, end - begin + special_count());
  out.type_ids.reserve(end - begin + special_count());
  const Encoding* const texts[] = {&content};
  append(parts_->pipeline.post_processor.single, texts, begin, end, out);
  return out;
}

Encoding Tokenizer::with_specials(const Encoding& first, const Encoding& second) const {
  Encoding out;
  const Encoding* const texts[] = {&first, &second};
  append(parts_->pipeline.post_processor.pair, texts, 0, std::max(first.size(), second.size()),
         out);
  return out;
}

std::size_t Tokenizer::special_count() const {
  return count_special(parts_->pipeline.post_processor.single);
}

std::size_t Tokenizer::pair_special_count() const {
  return count_special(parts_->pipeline.post_processor.pair);
}

const TokenizerSpec& Tokenizer::spec() const {
  return parts_->pipeline.spec;
}

std::size_t Tokenizer::vocabulary_size() const {
  return parts_->pipeline.id_count();
}

std::string_view Tokenizer::token(std::int32_t id) const {
  return parts_->pipeline.token(id);
}

}  // namespace valence
