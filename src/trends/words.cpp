#include "trends/words.h"

#include "base/utf8.h"
#include "text/unicode.h"

namespace valence {
namespace {

constexpr std::size_t kLongestWord = 40;
constexpr char32_t kCurlyApostrophe = 0x2019;

bool is_word(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return c != kReplacement && (unicode::is_letter(c) || unicode::is_number(c));
}

// What belongs to the letter before: accents, vowel signs, joiners. Emoji have some of these, too,
// which make no word.
bool goes_on(char32_t c) {
  return c >= 0x80 && (unicode::is_mark(c) || c == 0x200C || c == 0x200D);
}

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

void append_lower(std::string& word, char32_t c) {
  if (c < 0x80) {
    word += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return;
  }
  const unicode::LowerCase lower = unicode::lower_case(c);
  append_utf8(word, lower.first);
  if (lower.second != 0) append_utf8(word, lower.second);
}

class Splitter {
 public:
  explicit Splitter(std::vector<std::string>& words) : words_(words) {}

  // `next` is the character behind it, 0 at the end.
  void take(char32_t c, char32_t next) {
    if (unicode::is_cjk_ideograph(c)) {
      end_word();
      append_utf8(word_, c);
      end_word();
    } else if (is_word(c) || (!word_.empty() && goes_on(c))) {
      append_lower(word_, c);
    } else if ((c == '\'' || c == kCurlyApostrophe) && !word_.empty() && is_word(next)) {
      word_ += '\'';
    } else if (c == '.' && !word_.empty() && is_digit(word_.back()) && is_digit(next)) {
      word_ += '.';
    } else {
      end_word();
      if (c != ' ' && c != '-' && c != '\t') separate();
    }
  }

  void end_word() {
    if (word_.size() > kLongestWord)
      separate();
    else if (!word_.empty())
      words_.push_back(word_);
    word_.clear();
  }

 private:
  void separate() {
    if (!words_.empty() && !words_.back().empty()) words_.emplace_back();
  }

  std::vector<std::string>& words_;
  std::string word_;
};

}  // namespace

void split_words(std::string_view text, std::vector<std::string>& words) {
  if (!words.empty()) words.emplace_back();
  Splitter splitter(words);
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode_utf8(text, at);
    at += point.length;
    splitter.take(point.value, at < text.size() ? decode_utf8(text, at).value : 0);
  }
  splitter.end_word();
}

const std::string& phrase_of(std::string_view first, std::string_view second, std::string& phrase) {
  return phrase.assign(first).append(1, ' ').append(second);
}

std::string_view cut_text(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t end = 0;
  while (true) {
    const std::size_t next = end + decode_utf8(text, end).length;
    if (next > bytes) return text.substr(0, end);
    end = next;
  }
}

}  // namespace valence
