#include "text/normal_forms.h"

#include <algorithm>
#include <array>

#include "text/unicode.h"

namespace valence {
namespace {

// Puts the marks of out[begin...] in canonical order; a run has no starter in it.
void order_marks(std::vector<Change>& out, std::size_t begin) {
  if (out.size() - begin < 2) return;
  std::stable_sort(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
                   [](const Change& a, const Change& b) {
                     return unicode::combining_class(a.code_point) <
                            unicode::combining_class(b.code_point);
                   });
}

// Builds the composed text: a starter that later code points may merge into, and the marks after it
// that did not.
class Composer {
 public:
  explicit Composer(std::size_t capacity) { out_.reserve(capacity); }

  void add(Change next) {
    const unsigned next_class = unicode::combining_class(next.code_point);
    if (!has_starter_) return start_without_starter(next, next_class);
    const bool blocked = has_marks_ && last_class_ >= next_class;
    if (!blocked && merge(next)) return;
    if (next_class == 0) {
      flush();
      starter_ = next;
      has_starter_ = true;
      return;
    }
    marks_.push_back(next);
    has_marks_ = true;
    last_class_ = next_class;
  }

  std::vector<Change> finish() {
    flush();
    return std::move(out_);
  }

 private:
  void start_without_starter(Change next, unsigned next_class) {
    if (next_class != 0) {
      out_.push_back(next);
      return;
    }
    starter_ = next;
    has_starter_ = true;
  }

  bool merge(Change next) {
    const char32_t composed = unicode::compose(starter_.code_point, next.code_point);
    if (composed == 0) return false;
    starter_ = {composed, starter_.change + next.change - 1};
    return true;
  }

  void flush() {
    if (has_starter_) out_.push_back(starter_);
    out_.insert(out_.end(), marks_.begin(), marks_.end());
    marks_.clear();
    has_starter_ = has_marks_ = false;
  }

  std::vector<Change> out_;
  std::vector<Change> marks_;
  Change starter_{};
  bool has_starter_ = false;
  bool has_marks_ = false;
  unsigned last_class_ = 0;
};

}  // namespace

std::vector<Change> decompose(std::string_view text, bool compatibility) {
  std::vector<Change> out;
  out.reserve(text.size());
  std::array<char32_t, unicode::kMaxDecomposition> parts{};
  std::size_t run_begin = 0;
  for_each_code_point(text, [&](char32_t c, std::size_t, std::size_t) {
    const std::size_t count = unicode::decompose(c, compatibility, parts);
    for (std::size_t i = 0; i < count; ++i) {
      if (parts[i] < 0x300 || unicode::combining_class(parts[i]) == 0) {
        order_marks(out, run_begin);
        run_begin = out.size() + 1;
      }
      out.push_back({parts[i], i == 0 ? 0 : 1});
    }
  });
  if (run_begin < out.size()) order_marks(out, run_begin);
  return out;
}

std::vector<Change> compose(const std::vector<Change>& decomposed) {
  Composer composer(decomposed.size());
  for (const Change& change : decomposed) composer.add(change);
  return composer.finish();
}

}  // namespace valence
