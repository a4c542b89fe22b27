// Are the values of one set of samples larger than those of the other, whatever their distribution?
#pragma once

#include <span>

namespace hikaku {

/// The two-sided p-value of the Mann-Whitney U test (Mann & Whitney, 1947): how often two sets of
/// the same distribution would differ by ranks as much as these. Exact up to 20 values a side
/// without ties; else the normal approximation with the corrections for ties and continuity. 1
/// where a side is empty. The values must be finite.
[[nodiscard]] double mann_whitney_p(std::span<const double> first, std::span<const double> second);

}  // namespace hikaku
