#include "base/utf8.h"

namespace valence {

template <typename Visit>
void for_each_code_point(std::string_view text, Visit visit) {
  for (std::size_t begin = 0; begin < text.size();) {
    const CodePoint point = decode_utf8(text, begin);
    visit(point.value, begin, begin + point.length);
    begin += point.length;
  }
}

template <typename Keep>
void filter(AlignedText& text, Keep keep) {
  std::vector<Change> changes;
  changes.reserve(text.text.size());
  std::size_t removed_in_front = 0;
  for_each_code_point(text.text, [&](char32_t c, std::size_t, std::size_t) {
    if (keep(c))
      changes.push_back({c, 0});
    else if (changes.empty())
      ++removed_in_front;
    else
      --changes.back().change;
  });
  text.transform(changes, changes.empty() ? 0 : removed_in_front);
}

template <typename Map>
void replace_each(AlignedText& text, Map map) {
  std::vector<Change> changes;
  changes.reserve(text.text.size());
  for_each_code_point(text.text, [&](char32_t c, std::size_t, std::size_t) {
    changes.push_back({map(c), 0});
  });
  text.transform(changes);
}

}  // namespace valence
