#include "measure/rank_test.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace hikaku {
namespace {

struct Ranked {
  double u = 0;     ///< of the first set: pairs in which its value is the larger one, ties half
  double ties = 0;  ///< sum of t^3 - t over groups of t equal values
};

Ranked rank(std::span<const double> first, std::span<const double> second) {
  std::vector<double> all(first.begin(), first.end());
  all.insert(all.end(), second.begin(), second.end());
  std::sort(all.begin(), all.end());
  Ranked ranked;
  for (const double value : first) {
    for (const double other : second) ranked.u += value > other ? 1 : value == other ? 0.5 : 0;
  }
  for (std::size_t i = 0; i < all.size();) {
    const auto end =
        static_cast<std::size_t>(std::upper_bound(all.begin(), all.end(), all[i]) - all.begin());
    const auto equal = static_cast<double>(end - i);
    ranked.ties += equal * equal * equal - equal;
    i = end;
  }
  return ranked;
}

/// Of all ways to order m and n different values, the share whose U is at most `u`. The count of
/// ways is ways(m, n, u) = ways(m - 1, n, u - n) + ways(m, n - 1, u): the largest value is of the
/// first set, and larger than all n, or of the second.
double exact_share(std::size_t m, std::size_t n, std::size_t u) {
  std::vector<std::vector<std::vector<double>>> ways(
      m + 1, std::vector<std::vector<double>>(n + 1, std::vector<double>(m * n + 1, 0)));
  for (std::size_t i = 0; i <= m; ++i) {
    for (std::size_t j = 0; j <= n; ++j) {
      for (std::size_t k = 0; k <= i * j; ++k) {
        if (i == 0 || j == 0) {
          ways[i][j][k] = 1;  // k is 0
        } else {
          ways[i][j][k] = (k >= j ? ways[i - 1][j][k - j] : 0) + ways[i][j - 1][k];
        }
      }
    }
  }
  double below = 0, all = 0;
  for (std::size_t k = 0; k <= m * n; ++k) {
    all += ways[m][n][k];
    if (k <= u) below += ways[m][n][k];
  }
  return below / all;
}

}  // namespace

double mann_whitney_p(std::span<const double> first, std::span<const double> second) {
  const std::size_t m = first.size(), n = second.size();
  if (m == 0 || n == 0) return 1;
  const Ranked ranked = rank(first, second);
  const auto pairs = static_cast<double>(m * n);
  constexpr std::size_t exact_up_to = 20;
  if (ranked.ties == 0 && m <= exact_up_to && n <= exact_up_to) {
    const auto smaller = static_cast<std::size_t>(std::min(ranked.u, pairs - ranked.u));
    return std::min(1.0, 2 * exact_share(m, n, smaller));
  }
  const auto total = static_cast<double>(m + n);
  const double variance = pairs / 12 * (total + 1 - ranked.ties / (total * (total - 1)));
  if (!(variance > 0)) return 1;
  const double distance = std::max(0.0, std::abs(ranked.u - pairs / 2) - 0.5);
  return std::erfc(distance / std::sqrt(2 * variance));
}

}  // namespace hikaku
