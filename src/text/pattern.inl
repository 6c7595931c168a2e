#include "base/utf8.h"

namespace valence {

template <typename Predicate>
std::vector<Match> find_code_points(std::string_view text, Predicate predicate) {
  if (text.empty()) return {{0, 0, false}};
  std::vector<Match> out;
  std::size_t rest = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const CodePoint point = decode_utf8(text, begin);
    const std::size_t end = begin + point.length;
    if (predicate(point.value)) {
      if (rest < begin) out.push_back({rest, begin, false});
      out.push_back({begin, end, true});
      rest = end;
    }
    begin = end;
  }
  if (rest < text.size()) out.push_back({rest, text.size(), false});
  return out;
}

}  // namespace valence
