#include "report/scale.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace hikaku {
namespace {

constexpr double slack = 1e-9;  // a tick at the very end belongs to the scale

}  // namespace

Scale Scale::linear(double lowest, double highest) {
  require(std::isfinite(lowest) && std::isfinite(highest), "[scale] not finite");
  const double low = std::min(lowest, 0.0);
  return {low, highest > low ? highest : low + 1, false};
}

Scale Scale::between(double lowest, double highest) {
  require(highest > lowest, "[scale] {} to {}", lowest, highest);
  return {lowest, highest, false};
}

Scale Scale::logarithmic(double lowest, double highest) {
  require(lowest > 0 && std::isfinite(highest) && highest >= lowest, "[scale] {} to {} on log",
          lowest, highest);
  if (highest >= 10 * lowest) return {lowest, highest, true};
  return {std::pow(10, std::floor(std::log10(lowest))),
          std::pow(10, std::floor(std::log10(highest)) + 1), true};
}

double Scale::place(double value) const {
  if (log_) return std::log(value / low_) / std::log(high_ / low_);
  return (value - low_) / (high_ - low_);
}

std::vector<double> Scale::ticks(int about) const {
  if (log_) return log_ticks();
  std::vector<double> values;
  const double raw = (high_ - low_) / about;
  const double unit = std::pow(10, std::floor(std::log10(raw)));
  const double step = unit * (raw > 5 * unit ? 10 : raw > 2 * unit ? 5 : raw > unit ? 2 : 1);
  // Counted, for where the range is a few last bits of its numbers, adding one changes none.
  const double first = std::ceil(low_ / step - slack);
  for (int i = 0; i <= 4 * about; ++i) {
    const double value = (first + i) * step;
    if (value > high_ + slack * (high_ - low_)) break;
    values.push_back(value == 0 ? 0.0 : value);  // never -0
  }
  return values;
}

std::vector<double> Scale::log_ticks() const {
  constexpr double few = 2.5, most = 8;
  const double decades = std::log10(high_ / low_);
  const std::vector<double> factors = decades < few ? std::vector<double>{1, 2, 5}  //
                                                    : std::vector<double>{1};
  const auto stride = std::max(1, static_cast<int>(std::ceil(decades / most)));
  const auto first = static_cast<int>(std::floor(std::log10(low_)));
  const auto last = static_cast<int>(std::floor(std::log10(high_) + slack));
  std::vector<double> values;
  for (int power = first; power <= last; power += stride) {
    for (const double factor : factors) {
      const double value = factor * std::pow(10, power);
      const bool within = value >= low_ * (1 - slack) && value <= high_ * (1 + slack);
      if (within) values.push_back(value);
    }
  }
  return values;
}

}  // namespace hikaku
