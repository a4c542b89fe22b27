#include "reference/matmul.h"

#include <algorithm>

namespace hikaku::reference {

void matmul(std::int64_t n, In a, In b, Out c) {
  const auto side = static_cast<std::size_t>(n);
  std::fill(c.begin(), c.end(), 0.0);
  for (std::size_t i = 0; i < side; ++i) {
    for (std::size_t k = 0; k < side; ++k) {
      for (std::size_t j = 0; j < side; ++j) c[i * side + j] += a[i * side + k] * b[k * side + j];
    }
  }
}

}  // namespace hikaku::reference
