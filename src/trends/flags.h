// Which periods deserve a look.
#pragma once

#include "trends/report.h"

namespace valence {

// Looks for drift in each label's share of each group, over the periods that are not uncertain.
void find_drift(TrendReport& report);

// Lists the periods with a significant change or a signal of drift, each with the label that
// explains it and the periods that it is compared with.
void list_flagged(TrendReport& report);

}  // namespace valence
