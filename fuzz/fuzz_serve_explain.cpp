// What is left out of a text to explain its score: parts are words in order, each text is its
// window without its part, and places are counted in characters.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "engine/occlusion.h"
#include "serve/routes/characters.h"

namespace {

using namespace valence;

void require(bool holds) {
  if (!holds) std::abort();
}

// Windows of `size` bytes, each half over the one before.
std::vector<TextSpan> windows_of(std::string_view text, std::size_t size) {
  std::vector<TextSpan> windows;
  for (std::size_t begin = 0; begin == 0 || begin < text.size(); begin += (size + 1) / 2)
    windows.push_back({static_cast<std::uint32_t>(begin),
                       static_cast<std::uint32_t>(std::min(begin + size, text.size()))});
  return windows;
}

void check_parts(const OcclusionPlan& plan, std::string_view text, std::size_t most) {
  require(plan.parts.size() <= most && plan.words_in_a_part >= 1);
  std::uint32_t end = 0;
  for (const TextSpan part : plan.parts) {
    require(part.begin >= end && part.begin < part.end && part.end <= text.size());
    end = part.end;
  }
}

void check_texts(const OcclusionPlan& plan, std::string_view text,
                 const std::vector<TextSpan>& windows) {
  std::size_t wholes = 0;
  for (const OccludedText& entry : plan.texts) {
    const TextSpan window = windows[entry.window];
    const std::string_view shown = text.substr(window.begin, window.end - window.begin);
    if (entry.part == OccludedText::kNothing) {
      require(entry.window == wholes++ && entry.text == shown);
      continue;
    }
    require(entry.window + 1 == wholes && entry.part < plan.parts.size());
    require(entry.text.size() < shown.size());
  }
  require(wholes == windows.size());
}

void check_changes(const OcclusionPlan& plan, std::size_t windows) {
  const std::vector<double> scores(plan.texts.size(), 0.25);
  for (const double change : part_changes(plan, scores, std::vector<double>(windows, 1.0)))
    require(change == 0);
}

void check_characters(std::string_view text) {
  const std::vector<std::uint32_t> counts = serve::characters_before(text);
  require(counts.size() == text.size() + 1 && counts.front() == 0);
  for (std::size_t i = 0; i < text.size(); ++i)
    require(counts[i + 1] == counts[i] || counts[i + 1] == counts[i] + 1);
}

}  // namespace

// The first byte is the size of a window, the second the number of parts, the rest the text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Texts without a part are as many as windows and parts: a long input would take long.
  constexpr std::size_t kMostBytes = 4096;
  if (size < 2 || size > kMostBytes) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::vector<TextSpan> windows = windows_of(text, std::size_t{data[0]} + 1);
  const std::size_t most = std::size_t{data[1]} + 1;
  const OcclusionPlan plan = plan_occlusion(text, windows, most);
  check_parts(plan, text, most);
  check_texts(plan, text, windows);
  check_changes(plan, windows.size());
  check_characters(text);
  return 0;
}
