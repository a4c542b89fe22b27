// Compares an analytic gradient with central differences, in double.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/philox.h"

namespace hikaku::test {

/// `count` numbers uniform in [-1, 1).
inline std::vector<double> random_values(std::int64_t count, std::uint64_t seed) {
  Philox random(seed, RandomUse::check);
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = 2 * random.uniform_double() - 1;
  return values;
}

inline double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Checks gradient[i] = d loss() / d variable[i] at every `stride`-th i, to 1e-7 of the gradient's
/// largest element (or of 0.01, where a gradient is zero by nature and only rounding is left).
/// Two steps are extrapolated (Richardson), because a batch norm over few values bends the loss so
/// much that one central difference is itself wrong by more than the limit.
inline void expect_gradient(const std::string& name, const std::function<double()>& loss,
                            std::span<double> variable, std::span<const double> gradient,
                            std::size_t stride = 1) {
  constexpr double eps = 1e-5, limit = 1e-7;
  ASSERT_EQ(variable.size(), gradient.size()) << name;
  double scale = 0.01, worst = 0;
  std::size_t at = 0;
  for (const double g : gradient) scale = std::max(scale, std::abs(g));
  for (std::size_t i = 0; i < variable.size(); i += stride) {
    const auto slope = [&, kept = variable[i]](double step) {
      variable[i] = kept + step;
      const double above = loss();
      variable[i] = kept - step;
      const double below = loss();
      variable[i] = kept;
      return (above - below) / (2 * step);
    };
    const double extrapolated = (4 * slope(eps / 2) - slope(eps)) / 3;
    const double error = std::abs(extrapolated - gradient[i]) / scale;
    if (!(error <= worst)) {  // also true for a NaN
      worst = error;
      at = i;
    }
  }
  EXPECT_LE(worst, limit) << name << "[" << at << "]: gradient " << gradient[at];
}

}  // namespace hikaku::test
