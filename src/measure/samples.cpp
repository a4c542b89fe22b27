#include "measure/samples.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/clock.h"
#include "base/philox.h"

namespace hikaku {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double resampled_median(const std::vector<double>& values, Philox& random,
                        std::vector<double>& scratch) {
  scratch.resize(values.size());
  for (double& value : scratch) {
    value = values[random.below(static_cast<std::uint32_t>(values.size()))];
  }
  return median_of(scratch);
}

}  // namespace

double median_of(std::span<const double> values) {
  if (values.empty()) return nan;
  std::vector<double> sorted(values.begin(), values.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  if (sorted.size() % 2 == 1) return *middle;
  return 0.5 * (*std::max_element(sorted.begin(), middle) + *middle);
}

double Samples::median() const { return median_of(values); }

double Samples::min() const {
  return values.empty() ? nan : *std::min_element(values.begin(), values.end());
}

double Samples::mad() const {
  const double center = median();
  std::vector<double> deviations;
  deviations.reserve(values.size());
  for (const double value : values) deviations.push_back(std::abs(value - center));
  return median_of(deviations);
}

Interval ratio_of_medians(const Samples& baseline, const Samples& device, std::uint64_t seed) {
  if (baseline.values.empty() || device.values.empty()) return {nan, nan, nan};
  const double ratio = baseline.median() / device.median();
  if (baseline.values.size() == 1 || device.values.size() == 1) return {ratio, nan, nan};
  constexpr std::size_t resamples = 2000;
  Philox random(seed, RandomUse::bootstrap);
  std::vector<double> ratios, scratch;
  ratios.reserve(resamples);
  for (std::size_t i = 0; i < resamples; ++i) {
    const double numerator = resampled_median(baseline.values, random, scratch);
    ratios.push_back(numerator / resampled_median(device.values, random, scratch));
  }
  std::sort(ratios.begin(), ratios.end());
  return {ratio, ratios[resamples / 40], ratios[resamples - 1 - resamples / 40]};
}

bool StoppingRule::goes_on(std::size_t taken, double elapsed_seconds) const {
  if (taken < static_cast<std::size_t>(min_samples)) return true;
  return taken < static_cast<std::size_t>(max_samples) && elapsed_seconds < budget_seconds;
}

double warm_up(const WarmUp& rule, const std::function<double()>& measure) {
  constexpr std::size_t least_samples = 3;  // of a window
  double spent = 0, before = 0, in_window = 0;
  Samples window;
  while (spent < rule.most_seconds) {
    window.values.push_back(measure());
    spent += window.values.back();
    in_window += window.values.back();
    if (in_window < rule.window_seconds || window.values.size() < least_samples) {
      if (spent >= rule.least_seconds && window.values.back() > rule.window_seconds) break;
      continue;
    }
    const double now = window.median();
    const bool is_steady = std::abs(now - before) <= rule.steady * now;
    if (is_steady && spent >= rule.least_seconds) break;
    before = now;
    in_window = 0;
    window.values.clear();
  }
  return spent;
}

Samples collect_samples(const StoppingRule& rule, const std::function<double()>& measure,
                        const std::function<void()>& between) {
  Samples samples;
  const double begin = clock_seconds();
  while (rule.goes_on(samples.values.size(), clock_seconds() - begin)) {
    if (between) between();
    samples.values.push_back(measure());
  }
  return samples;
}

Samples take_samples(const StoppingRule& rule, const std::function<void()>& work) {
  return collect_samples(rule, [&work] {
    const double start = clock_seconds();
    work();
    return clock_seconds() - start;
  });
}

}  // namespace hikaku
