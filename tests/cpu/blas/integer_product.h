// Products of small integers, which every correct kernel gives exactly.
#pragma once

#include <cstdint>
#include <vector>

#include "base/philox.h"

namespace hikaku {

/// [n, n] of -3..3.
template <class T>
std::vector<T> small_integers(std::int64_t n, std::uint64_t index) {
  Philox random(1, RandomUse::matrix, index);
  std::vector<T> matrix(static_cast<std::size_t>(n * n));
  for (T& value : matrix) value = static_cast<T>(random.below(7)) - 3;
  return matrix;
}

template <class T>
std::vector<T> plain_product(std::int64_t n, const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> c(a.size(), T{0});
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t k = 0; k < n; ++k) {
      for (std::int64_t j = 0; j < n; ++j) {
        c[static_cast<std::size_t>(i * n + j)] +=
            a[static_cast<std::size_t>(i * n + k)] * b[static_cast<std::size_t>(k * n + j)];
      }
    }
  }
  return c;
}

}  // namespace hikaku
