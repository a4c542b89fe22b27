// The matrix product in any of its types, by plain loops in double, rounded once: what a GPU would
// give at its best.
#pragma once

#include <algorithm>
#include <vector>

#include "base/clock.h"
#include "ops/matmul.h"
#include "tensor/half.h"

namespace hikaku {

class PretendMatmul final : public Matmul {
 public:
  explicit PretendMatmul(const MatmulParams& params) : params_(params) {}

  double run(const void* a, const void* b, void* c) override {
    const double start = clock_seconds();
    const auto n = static_cast<std::size_t>(params_.n), count = n * n;
    std::vector<double> left(count), right(count), sums(count);
    const auto elements = static_cast<std::int64_t>(count);
    decode(a, elements, params_.operand(), left.data());
    decode(b, elements, params_.operand(), right.data());
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < n; ++k) {
        for (std::size_t j = 0; j < n; ++j) sums[i * n + j] += left[i * n + k] * right[k * n + j];
      }
    }
    if (params_.dtype == DType::f64) {
      std::copy(sums.begin(), sums.end(), static_cast<double*>(c));
    } else {
      const std::vector<float> rounded(sums.begin(), sums.end());
      encode(rounded.data(), elements, params_.dtype, c);
    }
    return clock_seconds() - start;
  }
  [[nodiscard]] std::string implementation() const override { return "plain loops"; }

 private:
  MatmulParams params_;
};

}  // namespace hikaku
