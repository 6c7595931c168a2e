#include "serve/kept_reports.h"

#include <algorithm>
#include <utility>

namespace valence::serve {

std::string KeptReports::get(const std::string& key, const std::function<std::string()>& make) {
  const std::lock_guard lock(mutex_);
  const Clock::time_point begin = now_();
  let_go_of_old(begin);
  if (const auto found = kept_.find(key); found != kept_.end()) return found->second.report;
  std::string report = make();
  const Clock::time_point end = now_();
  const Clock::duration age = std::min<Clock::duration>(kAgePerCost * (end - begin), kOldest);
  kept_[key] = {report, end + age};
  return report;
}

void KeptReports::let_go_of_old(Clock::time_point now) {
  std::erase_if(kept_, [now](const auto& entry) { return entry.second.until <= now; });
}

}  // namespace valence::serve
