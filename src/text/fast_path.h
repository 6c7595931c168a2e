// The pipelines that most models have, in one pass over the text instead of one for each stage.
//
// A fast path cuts the text at places where no stage looks across: what a stage makes of one side
// does not depend on the other. So words can be tokenized one by one, and those met before come out
// of a cache; a word that is new goes through the stages.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "text/pipeline.h"
#include "text/word_cache.h"

namespace valence {

class FastPath {
 public:
  virtual ~FastPath() = default;
  // Appends the ids and offsets that the pipeline gives. False: the text is one for the pipeline,
  // and what was appended is to be thrown away. Thread-safe.
  virtual bool tokenize(std::string_view text, Encoding& out) const = 0;
};

// The fast path that equals the pipeline, or null where none does. The pipeline must outlive it.
std::unique_ptr<FastPath> make_fast_path(const Pipeline& pipeline);

// One for each file that defines one; null for another kind of pipeline.
std::unique_ptr<FastPath> make_fast_bert(const Pipeline& pipeline);
std::unique_ptr<FastPath> make_fast_byte_level(const Pipeline& pipeline);
std::unique_ptr<FastPath> make_fast_metaspace(const Pipeline& pipeline);

// Whether a component of a pipeline is of that type.
bool has_type(const JsonRef& json, std::string_view type);

// Says quickly that none of the added tokens is in a text.
class AddedTokenSearch {
 public:
  using ByteMap = std::array<char, 256>;
  // `normalized` is what normalization makes of each byte. Tokens that are matched in normalised
  // text are found only where that is true of the whole text.
  AddedTokenSearch(const AddedTokens& tokens, const ByteMap& normalized);

  // True also for some texts in which settings of the token rule the match out.
  bool finds_any(std::string_view text) const;

  static ByteMap unchanged();

 private:
  bool starts_at(std::string_view text, std::size_t pos) const;

  const AddedTokens& tokens_;
  ByteMap normalized_;
  std::string first_bytes_;
};

}  // namespace valence
