// The product at many sizes, and the size from which a GPU pays.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "report/markup.h"
#include "report/page/sources.h"

namespace hikaku {

/// Points (n, seconds) in the order of n. Where the GPU becomes the faster one for good, between
/// two sizes by a straight line on log axes; NaN if it always is, or is not at the largest.
[[nodiscard]] double crossover(const std::vector<std::pair<double, double>>& cpu,
                               const std::vector<std::pair<double, double>>& gpu);

/// From which size on the GPU of this machine wins, in a sentence; empty where that is not known.
[[nodiscard]] Phrase break_even(const Sources& sources);

/// Nothing where no size was measured.
[[nodiscard]] Markup sweep_chart(const Sources& sources);

}  // namespace hikaku
