#include "text/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <memory>

#include "base/utf8.h"
#include "text/pattern.h"
#include "valence/error.h"

namespace valence {
namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Code = std::unique_ptr<pcre2_code, Freed<pcre2_code_free>>;
using CompileContext = std::unique_ptr<pcre2_compile_context, Freed<pcre2_compile_context_free>>;
using MatchContext = std::unique_ptr<pcre2_match_context, Freed<pcre2_match_context_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Freed<pcre2_match_data_free>>;
using JitStack = std::unique_ptr<pcre2_jit_stack, Freed<pcre2_jit_stack_free>>;

std::string message_of(int code) {
  std::array<PCRE2_UCHAR, 256> buffer{};
  pcre2_get_error_message(code, buffer.data(), buffer.size());
  return reinterpret_cast<const char*>(buffer.data());
}

Code compile(const std::string& expression, std::string_view original, std::string_view where) {
  const CompileContext context(pcre2_compile_context_create(nullptr));
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  int error = 0;
  PCRE2_SIZE at = 0;
  Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(),
                          PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE, &error, &at, context.get()));
  if (!code)
    throw Error(ErrorCode::kUnsupported, std::string(where) + ": the regular expression " +
                                             std::string(original) +
                                             " cannot be used: " + message_of(error));
  pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);  // without it, matching is slower, that is all
  return code;
}

class Regex final : public Pattern {
 public:
  Regex(std::string_view expression, std::string_view where)
      : expression_(expression),
        code_(compile(translate_oniguruma(expression, where), expression, where)) {}

  // Goes on as Hugging Face does: an empty match right after a match is passed over.
  std::vector<Match> find(std::string_view text) const override {
    if (text.empty()) return {{0, 0, false}};
    Search search(*this, text);
    std::vector<Match> out;
    std::size_t rest = 0;
    std::size_t from = 0;
    bool matched_before = false;
    while (from <= text.size() && search.next(from)) {
      const std::size_t begin = search.begin();
      const std::size_t end = search.end();
      if (begin == end && matched_before && end == rest) {
        from += from < text.size() ? decode_utf8(text, from).length : 1;
        continue;
      }
      if (rest != begin) out.push_back({rest, begin, false});
      out.push_back({begin, end, true});
      rest = from = end;
      matched_before = true;
    }
    if (rest != text.size()) out.push_back({rest, text.size(), false});
    return out;
  }

 private:
  static constexpr std::size_t kSmallStack = std::size_t{32} << 10;
  static constexpr std::size_t kLargeStack = std::size_t{64} << 20;
  static constexpr std::uint32_t kMatchLimit = 100'000'000;
  static constexpr std::uint32_t kHeapLimitKib = std::uint32_t{1} << 20;

  class Search {
   public:
    Search(const Regex& regex, std::string_view text)
        : regex_(regex),
          text_(text),
          data_(pcre2_match_data_create_from_pattern(regex.code_.get(), nullptr)),
          context_(pcre2_match_context_create(nullptr)),
          stack_(pcre2_jit_stack_create(kSmallStack, kLargeStack, nullptr)) {
      pcre2_set_match_limit(context_.get(), kMatchLimit);
      pcre2_set_heap_limit(context_.get(), kHeapLimitKib);
      if (stack_) pcre2_jit_stack_assign(context_.get(), nullptr, stack_.get());
    }

    bool next(std::size_t from) {
      int result = match(from, PCRE2_NO_UTF_CHECK);
      if (result == PCRE2_ERROR_JIT_STACKLIMIT)
        result = match(from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT);
      if (result == PCRE2_ERROR_NOMATCH) return false;
      if (result < 0)
        throw Error(ErrorCode::kUnsupported,
                    "the tokenizer's regular expression " + regex_.expression_ +
                        " is too costly on a text of " + std::to_string(text_.size()) +
                        " bytes: " + message_of(result) + "; split the text");
      return true;
    }
    // \K can move the start of a match behind its end.
    std::size_t begin() const { return std::min(vector()[0], vector()[1]); }
    std::size_t end() const { return vector()[1]; }

   private:
    int match(std::size_t from, std::uint32_t options) const {
      return pcre2_match(regex_.code_.get(), reinterpret_cast<PCRE2_SPTR>(text_.data()),
                         text_.size(), from, options, data_.get(), context_.get());
    }
    const PCRE2_SIZE* vector() const { return pcre2_get_ovector_pointer(data_.get()); }

    const Regex& regex_;
    std::string_view text_;
    MatchData data_;
    MatchContext context_;
    JitStack stack_;
  };

  std::string expression_;
  Code code_;
};

}  // namespace

std::unique_ptr<Pattern> make_regex(std::string_view expression, std::string_view where) {
  return std::make_unique<Regex>(expression, where);
}

}  // namespace valence
