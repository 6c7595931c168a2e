#include "data/json_object.h"

#include <set>

#include "base/json.h"
#include "base/utf8.h"

namespace valence {
namespace {

constexpr std::string_view kSpace = " \t\n\r";

// Steps through JSON that is known to be valid, so that nothing needs checking.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // Passes over white space and the letter behind it, and returns that letter.
  char symbol() {
    skip_space();
    return text_[pos_++];
  }
  char peek() {
    skip_space();
    return text_[pos_];
  }

  // One value, without the white space around it.
  std::string_view value() {
    skip_space();
    const std::size_t start = pos_;
    std::size_t depth = 0;
    do {
      const char c = text_[pos_];
      if (c == '"') {
        skip_string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++pos_;
    } while (depth > 0 || !at_end_of_value());
    return text_.substr(start, pos_ - start);
  }

 private:
  void skip_space() { pos_ = std::min(text_.find_first_not_of(kSpace, pos_), text_.size()); }
  void skip_string() {
    for (++pos_; text_[pos_] != '"'; ++pos_)
      if (text_[pos_] == '\\') ++pos_;
    ++pos_;
  }
  bool at_end_of_value() const {
    return pos_ == text_.size() ||
           std::string_view(",:]} \t\n\r").find(text_[pos_]) != std::string_view::npos;
  }

  std::string_view text_;
  std::size_t pos_ = 0;
};

std::vector<JsonMember> scan_members(std::string_view text) {
  Scanner scanner(text);
  std::vector<JsonMember> members;
  scanner.symbol();  // {
  if (scanner.peek() == '}') return members;
  do {
    std::string name = cell_of(scanner.value());
    scanner.symbol();  // :
    members.push_back({std::move(name), scanner.value()});
  } while (scanner.symbol() == ',');
  return members;
}

}  // namespace

std::optional<std::vector<JsonMember>> split_object(std::string_view text, std::string& error) {
  // Says where a text stops being JSON, and builds nothing.
  struct Checker : nlohmann::json_sax<Json> {
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception&) override {
      byte = position;
      return false;
    }
    std::size_t byte = 0;
  } checker;
  // The parser takes a NUL for the end of the text.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    error = "not valid JSON: a NUL byte at byte " + std::to_string(nul + 1);
    return std::nullopt;
  }
  if (!Json::sax_parse(text.begin(), text.end(), &checker)) {
    error = "not valid JSON at byte " + std::to_string(checker.byte);
    return std::nullopt;
  }
  if (text[text.find_first_not_of(kSpace)] != '{') {
    error = "not a JSON object";
    return std::nullopt;
  }
  std::vector<JsonMember> members = scan_members(text);
  std::set<std::string_view> names;
  for (const JsonMember& member : members)
    if (!names.insert(member.name).second) {
      error = "the member \"" + member.name + "\" is there twice";
      return std::nullopt;
    }
  return members;
}

std::string cell_of(std::string_view value) {
  if (value == "null") return {};
  if (!value.starts_with('"')) return std::string(value);
  return Json::parse(value).get<std::string>();
}

std::string quote_json(std::string_view text) {
  return Json(replace_invalid_utf8(text)).dump();
}

}  // namespace valence
