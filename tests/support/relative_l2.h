// How far a result is from the truth.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace hikaku {

/// The L2 norm of the difference over that of the truth; of the difference alone where the truth is
/// zero.
template <class T>
double relative_l2(const std::vector<double>& truth, const std::vector<T>& found) {
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    difference += std::pow(static_cast<double>(found[i]) - truth[i], 2);
    norm += truth[i] * truth[i];
  }
  return std::sqrt(norm > 0 ? difference / norm : difference);
}

}  // namespace hikaku
