#include "trends/date_pattern.h"

#include <charconv>

#include "trends/date_scanner.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr std::string_view kDirectives = "YymdebBhHIMSfpzjaAFTsRDn%";

[[noreturn]] void refuse(const std::string& pattern, const std::string& why) {
  throw Error(
      ErrorCode::kInvalidArgument,
      "--date-format \"" + pattern + "\": " + why +
          "; it is iso, day-first, month-first, unix, unix-ms, or a pattern such as "
          "\"%d.%m.%Y %H:%M\" of %Y %y %m %d %e %b %B %H %I %M %S %f %p %z %j %a %A %F %T %s");
}

bool has_any(const std::string& pattern, std::string_view letters) {
  for (std::size_t at = 0; (at = pattern.find('%', at)) != std::string::npos; at += 2)
    if (at + 1 < pattern.size() && letters.find(pattern[at + 1]) != std::string_view::npos)
      return true;
  return false;
}

class PatternReader {
 public:
  explicit PatternReader(std::string_view text) : scanner_(text) {}

  std::optional<ParsedTime> read(std::string_view pattern) {
    if (!match(pattern) || !scanner_.at_end()) return std::nullopt;
    if (unix_) return ParsedTime{*unix_, true, true};
    return fields_.time();
  }

 private:
  bool match(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      const char c = pattern[i];
      if (c == ' ') {
        scanner_.skip_spaces();
      } else if (c != '%') {
        if (!scanner_.skip(c)) return false;
      } else if (!directive(pattern[++i])) {
        return false;
      }
    }
    return true;
  }

  template <typename Field>
  bool take(Field& field, std::size_t least, std::size_t most) {
    const auto value = scanner_.number(least, most);
    // NOLINTNEXTLINE(bugprone-optional-value-conversion): some fields are plain integers
    if (value) field = *value;
    return value.has_value();
  }

  template <typename Field>
  bool take_clock(Field& field) {
    fields_.time_of_day = true;
    return take(field, 1, 2);
  }

  bool directive(char letter) {
    switch (letter) {
      case 'Y':
        return take(fields_.year, 4, 4);
      case 'y':
        if (!take(fields_.year, 2, 2)) return false;
        fields_.year = full_year(*fields_.year);
        return true;
      case 'm':
        return take(fields_.month, 1, 2);
      case 'e':
        scanner_.skip_spaces();
        return take(fields_.day, 1, 2);
      case 'd':
        return take(fields_.day, 1, 2);
      case 'j':
        return take(fields_.day_of_year, 1, 3);
      case 'b':
      case 'B':
      case 'h':
        fields_.month = scanner_.month_name();
        return fields_.month.has_value();
      case 'a':
      case 'A':
        return scanner_.weekday_name();
      case 'F':
        return match("%Y-%m-%d");
      case 'D':
        return match("%m/%d/%y");
      default:
        return clock_directive(letter);
    }
  }

  bool clock_directive(char letter) {
    switch (letter) {
      case 'H':
      case 'I':
        return take_clock(fields_.hour);
      case 'M':
        return take_clock(fields_.minute);
      case 'S':
        return take_clock(fields_.second);
      case 'f': {
        int ignored = 0;
        return take(ignored, 1, 9);
      }
      case 'p':
        fields_.afternoon = scanner_.am_or_pm();
        return fields_.afternoon.has_value();
      case 'z':
        fields_.offset = scanner_.offset();
        return fields_.offset.has_value();
      case 'T':
        return match("%H:%M:%S");
      case 'R':
        return match("%H:%M");
      case 's':
        return take_unix();
      case 'n':
        scanner_.skip_spaces();
        return true;
      default:
        return scanner_.skip('%');
    }
  }

  bool take_unix() {
    const std::size_t count = scanner_.digits();
    if (count == 0 || count > 11) return false;  // more are beyond the year 5138
    std::int64_t value = 0;
    const std::string_view digits = scanner_.rest().substr(0, count);
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    while (scanner_.digits() > 0) scanner_.number(1, 9);
    unix_ = value;
    return true;
  }

  DateScanner scanner_;
  DateFields fields_;
  std::optional<std::int64_t> unix_;
};

}  // namespace

void check_date_pattern(const std::string& pattern) {
  for (std::size_t at = 0; (at = pattern.find('%', at)) != std::string::npos; at += 2)
    if (at + 1 == pattern.size() || kDirectives.find(pattern[at + 1]) == std::string_view::npos)
      refuse(pattern, "there is no " + pattern.substr(at, 2));
  const bool day = has_any(pattern, "j") || has_any(pattern, "mbBh");
  if (!has_any(pattern, "sFD") && !(has_any(pattern, "Yy") && day))
    refuse(pattern, "a date needs at least a year and a month");
}

std::optional<ParsedTime> read_by_pattern(std::string_view text, const std::string& pattern) {
  return PatternReader(text).read(pattern);
}

}  // namespace valence
