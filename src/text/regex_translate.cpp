#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "text/regex.h"
#include "text/unicode.h"
#include "valence/error.h"

// Where the two dialects differ:
//   - classes: \w, \d, \s, \h, POSIX brackets and \p{...} have other members, or other names;
//   - [a&&b] and [a[b]] are set operations;
//   - (?m) lets . match line ends, ^ and $ always know lines;
//   - {,n} is {0,n}, and {n}+ repeats instead of being possessive.
namespace valence {
namespace {

std::string hex(char32_t c) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out = "\\x{";
  for (int shift = 20; shift >= 0; shift -= 4) out += kDigits[(c >> shift) & 15];
  return out += '}';
}

// Members of a property as the inside of a bracket: what PCRE2 knows, and what is newer.
std::string category_members(const std::string& category) {
  std::string out = "\\p{" + category + "}";
  unicode::for_each_newer(
      category, [&](char32_t first, char32_t last) { out += hex(first) + "-" + hex(last); });
  return out;
}

std::string alphabetic_members() {
  std::string out = "\\p{Alphabetic}";
  for (const unicode::Range& range : unicode::newer_alphabetic())
    out += hex(range.first) + "-" + hex(range.last);
  return out;
}

std::string word_members() {
  return alphabetic_members() + category_members("M") + category_members("Nd") +
         category_members("Pc");
}

// Outside of brackets, Oniguruma looks \w up in another table, which has these of Latin-1 too.
constexpr std::string_view kWordsOutsideBrackets = "\\x{B2}\\x{B3}\\x{B9}\\x{BC}-\\x{BE}";

// Property names are compared without case, spaces, '-' and '_'.
std::string plain_name(std::string_view name) {
  std::string out;
  for (const char c : name)
    if (c != ' ' && c != '-' && c != '_')
      out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  return out;
}

std::optional<std::string> posix_members(std::string_view name) {
  if (name == "alpha" || name == "alphabetic") return alphabetic_members();
  if (name == "digit") return category_members("Nd");
  if (name == "alnum") return alphabetic_members() + category_members("Nd");
  if (name == "upper") return "\\p{Uppercase}";
  if (name == "lower") return "\\p{Lowercase}";
  if (name == "space") return "\\p{White_Space}";
  if (name == "blank") return "\\p{Zs}\\t";
  if (name == "cntrl") return "\\p{Cc}";
  if (name == "punct") return category_members("P") + category_members("S");
  if (name == "xdigit") return "0-9A-Fa-f";
  if (name == "word") return word_members();
  if (name == "ascii") return "\\x00-\\x7F";
  return std::nullopt;
}

// Long names of the general categories.
constexpr auto kCategories = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"letter", "L"},
    {"uppercaseletter", "Lu"},
    {"lowercaseletter", "Ll"},
    {"titlecaseletter", "Lt"},
    {"modifierletter", "Lm"},
    {"otherletter", "Lo"},
    {"mark", "M"},
    {"combiningmark", "M"},
    {"nonspacingmark", "Mn"},
    {"spacingmark", "Mc"},
    {"enclosingmark", "Me"},
    {"number", "N"},
    {"decimalnumber", "Nd"},
    {"letternumber", "Nl"},
    {"othernumber", "No"},
    {"punctuation", "P"},
    {"connectorpunctuation", "Pc"},
    {"dashpunctuation", "Pd"},
    {"openpunctuation", "Ps"},
    {"closepunctuation", "Pe"},
    {"initialpunctuation", "Pi"},
    {"finalpunctuation", "Pf"},
    {"otherpunctuation", "Po"},
    {"symbol", "S"},
    {"mathsymbol", "Sm"},
    {"currencysymbol", "Sc"},
    {"modifiersymbol", "Sk"},
    {"othersymbol", "So"},
    {"separator", "Z"},
    {"spaceseparator", "Zs"},
    {"lineseparator", "Zl"},
    {"paragraphseparator", "Zp"},
    {"control", "Cc"},
    {"format", "Cf"},
    {"privateuse", "Co"},
});

std::string property_members(std::string_view name) {
  const std::string plain = plain_name(name);
  if (auto members = posix_members(plain)) return *members;
  for (const auto& [long_name, category] : kCategories)
    if (plain == long_name || plain == plain_name(category))
      return category_members(std::string(category));
  if (plain == "han")  // extensions H and I are newer
    return "\\p{sc:Han}\\x{2EBF0}-\\x{2EE5D}\\x{31350}-\\x{323AF}";
  return "\\p{" + std::string(name) + "}";
}

class Translator {
 public:
  Translator(std::string_view expression, std::string_view where)
      : in_(expression), where_(where) {}

  std::string run() {
    while (pos_ < in_.size()) step();
    if (ignores_case_) check_case_folding();
    return std::move(out_);
  }

 private:
  [[noreturn]] void refuse(std::string_view what) const {
    throw Error(ErrorCode::kUnsupported, std::string(where_) + ": the regular expression " +
                                             std::string(in_) + " uses " + std::string(what) +
                                             ", which is not supported");
  }

  // Without regard to case, Oniguruma takes one letter for several, such as U+00DF for "ss", and
  // PCRE2 does not.
  void check_case_folding() const {
    std::string lower(in_);
    for (char& letter : lower)
      if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + 'a' - 'A');
    for (const char* several : {"ss", "st", "ff", "fi", "fl"})
      if (lower.find(several) != std::string::npos)
        refuse(std::string("\"") + several + "\" without regard to case");
    for (std::size_t pos = 0; pos < in_.size();) {
      const CodePoint point = decode_utf8(in_, pos);
      if (unicode::folds_to_several(point.value))
        refuse(std::string(in_.substr(pos, point.length)) + " without regard to case");
      pos += point.length;
    }
  }

  char peek(std::size_t ahead = 0) const {
    return pos_ + ahead < in_.size() ? in_[pos_ + ahead] : '\0';
  }
  bool at(std::string_view text) const { return in_.substr(pos_).starts_with(text); }

  void step() {
    if (at("\\"))
      out_ += escape();
    else if (at("["))
      out_ += bracket();
    else if (at("(?"))
      group();
    else if (at("{"))
      repeat();
    else
      out_ += in_[pos_++];
  }

  // The name in \p{name}, and whether it is negated by {^...}.
  std::pair<std::string, bool> property_name() {
    if (peek() != '{') return {std::string(1, in_[pos_++]), false};
    const std::size_t close = in_.find('}', pos_);
    if (close == std::string_view::npos) refuse("an unfinished \\p");
    std::string name(in_.substr(pos_ + 1, close - pos_ - 1));
    pos_ = close + 1;
    const bool negated = name.starts_with('^');
    return {negated ? name.substr(1) : name, negated};
  }

  // The members of the class that an escape stands for, and whether it is their complement.
  std::optional<std::pair<std::string, bool>> escaped_class(char letter) {
    switch (letter) {
      case 'w':
        return {{word_members(), false}};
      case 'W':
        return {{word_members(), true}};
      case 'd':
        return {{category_members("Nd"), false}};
      case 'D':
        return {{category_members("Nd"), true}};
      case 's':
        return {{"\\p{White_Space}", false}};
      case 'S':
        return {{"\\p{White_Space}", true}};
      case 'h':
        return {{"0-9A-Fa-f", false}};
      case 'H':
        return {{"0-9A-Fa-f", true}};
      default:
        return std::nullopt;
    }
  }

  std::optional<std::pair<std::string, bool>> class_escape() {
    const char letter = peek(1);
    if (letter == 'p' || letter == 'P') {
      pos_ += 2;
      auto [name, negated] = property_name();
      return {{property_members(name), negated != (letter == 'P')}};
    }
    auto found = escaped_class(letter);
    if (found) pos_ += 2;
    return found;
  }

  static std::string bracketed(const std::pair<std::string, bool>& members) {
    return (members.second ? "[^" : "[") + members.first + "]";
  }

  std::string escape() {
    if (auto members = class_escape()) {
      if (members->first == word_members()) members->first += kWordsOutsideBrackets;
      return bracketed(*members);
    }
    const char letter = peek(1);
    if (letter == '\0') refuse("a lone \\");
    if (letter == 'b' || letter == 'B') return word_boundary(letter == 'b');
    if (letter == 'O') return advance(2, "(?s:.)");
    if (letter == 'u') return unicode_escape();
    if (letter == 'y' || letter == 'Y' || letter == 'M' || letter == 'C') refuse("\\y, \\M or \\C");
    if (std::string_view("QEVXFLUo").find(letter) != std::string_view::npos && letter != 'X')
      return advance(2, std::string(1, letter));
    return literal_escape();
  }

  std::string advance(std::size_t count, std::string replacement) {
    pos_ += count;
    return replacement;
  }

  // An escape that both dialects read alike, copied with the whole code point after the backslash.
  std::string literal_escape() {
    std::size_t length = 2;
    while (pos_ + length < in_.size() && (static_cast<unsigned char>(in_[pos_ + length]) >> 6) == 2)
      ++length;
    std::string out(in_.substr(pos_, length));
    pos_ += length;
    return out;
  }

  std::string unicode_escape() {
    const std::string digits(in_.substr(pos_ + 2, 4));
    pos_ += 2 + digits.size();
    return "\\x{" + digits + "}";
  }

  std::string word_boundary(bool boundary) {
    pos_ += 2;
    const std::string word = bracketed({word_members().append(kWordsOutsideBrackets), false});
    if (boundary) return "(?:(?<=" + word + ")(?!" + word + ")|(?<!" + word + ")(?=" + word + "))";
    return "(?:(?<=" + word + ")(?=" + word + ")|(?<!" + word + ")(?!" + word + "))";
  }

  void group() {
    if (at("(?~")) refuse("the absent operator (?~");
    if (at("(?#")) {
      const std::size_t close = in_.find(')', pos_);
      if (close == std::string_view::npos) refuse("an unfinished comment");
      pos_ = close + 1;
      return;
    }
    out_ += "(?";
    pos_ += 2;
    // Option letters end at ':' or ')'; anything else is another kind of group.
    std::size_t end = pos_;
    while (end < in_.size() &&
           (std::isalpha(static_cast<unsigned char>(in_[end])) || in_[end] == '-'))
      ++end;
    if (end == pos_ || end >= in_.size() || (in_[end] != ':' && in_[end] != ')')) return;
    for (; pos_ < end; ++pos_) {
      const char letter = in_[pos_];
      if (std::string_view("imx-").find(letter) == std::string_view::npos)
        refuse(std::string("the option ") + letter);
      if (letter == 'i') ignores_case_ = true;
      out_ += letter == 'm' ? 's' : letter;
    }
  }

  void repeat() {
    std::size_t end = pos_ + 1;
    while (end < in_.size() &&
           (std::isdigit(static_cast<unsigned char>(in_[end])) || in_[end] == ','))
      ++end;
    const std::string_view inside = in_.substr(pos_ + 1, end - pos_ - 1);
    if (end >= in_.size() || in_[end] != '}' || inside.empty() || inside == ",") {
      out_ += "\\{";
      ++pos_;
      return;
    }
    pos_ = end + 1;
    if (peek() == '+') refuse("a repeated repetition {...}+");
    out_ += inside.starts_with(',') ? "{0" : "{";
    out_ += inside;
    out_ += '}';
  }

  // [...] with set operations, as a pattern for one code point. Each operand of && becomes a
  // lookahead; a complement within a class becomes an alternative.
  std::string bracket() {
    ++pos_;
    const bool negated = peek() == '^';
    if (negated) ++pos_;
    std::vector<std::string> operands{class_operand()};
    while (at("&&")) {
      pos_ += 2;
      operands.push_back(class_operand());
    }
    ++pos_;  // the closing bracket
    std::string both = operands.back();
    for (std::size_t i = operands.size() - 1; i-- > 0;) both = "(?=" + operands[i] + ")" + both;
    if (operands.size() > 1) both = "(?:" + both + ")";
    if (!negated) return both;
    if (operands.size() == 1 && both.starts_with('[') && !both.starts_with("[^") && simple_operand_)
      return "[^" + both.substr(1);
    return "(?:(?!" + both + ")(?s:.))";
  }

  // The union up to && or the closing bracket.
  std::string class_operand() {
    std::string members;
    std::vector<std::string> others;
    bool first = true;
    while (!at("&&") && (peek() != ']' || first)) {
      if (pos_ >= in_.size()) refuse("an unfinished [");
      class_member(members, others);
      first = false;
    }
    simple_operand_ = others.empty();
    if (others.empty()) return "[" + members + "]";
    std::string out = "(?:";
    if (!members.empty()) out += "[" + members + "]|";
    for (std::size_t i = 0; i < others.size(); ++i) out += (i == 0 ? "" : "|") + others[i];
    return out + ")";
  }

  void class_member(std::string& members, std::vector<std::string>& others) {
    if (at("[:")) {
      posix_bracket(members, others);
    } else if (at("[")) {
      others.push_back(bracket());
    } else if (at("\\")) {
      const auto found = class_escape();
      if (!found)
        members += peek(1) == 'u' ? unicode_escape() : literal_escape();
      else if (found->second)
        others.push_back(bracketed(*found));
      else
        members += found->first;
    } else {
      if (peek() == ']') members += '\\';  // only as the first member
      members += in_[pos_++];
    }
  }

  void posix_bracket(std::string& members, std::vector<std::string>& others) {
    const std::size_t close = in_.find(":]", pos_);
    if (close == std::string_view::npos) refuse("an unfinished [:");
    std::string name(in_.substr(pos_ + 2, close - pos_ - 2));
    pos_ = close + 2;
    const bool negated = name.starts_with('^');
    if (negated) name.erase(0, 1);
    const auto found = posix_members(name);
    if (!found) refuse("[:" + name + ":]");
    if (negated)
      others.push_back("[^" + *found + "]");
    else
      members += *found;
  }

  std::string_view in_;
  std::string_view where_;
  std::string out_;
  std::size_t pos_ = 0;
  bool simple_operand_ = true;
  bool ignores_case_ = false;
};

}  // namespace

std::string translate_oniguruma(std::string_view expression, std::string_view where) {
  return Translator(expression, where).run();
}

}  // namespace valence
