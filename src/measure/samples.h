// Repeated measurements and what may be said of them: the median, the spread, and the ratio of two
// medians with its interval. All samples are kept; nothing is thrown away as an outlier.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace hikaku {

/// Times of the same work, in seconds, in the order taken. The statistics of no samples are NaN.
struct Samples {
  std::vector<double> values;

  [[nodiscard]] double median() const;
  [[nodiscard]] double min() const;
  /// Median absolute deviation from the median, not scaled.
  [[nodiscard]] double mad() const;
};

/// Of an even count: the mean of the two in the middle.
[[nodiscard]] double median_of(std::span<const double> values);

struct Interval {
  double median = 0, low = 0, high = 0;
};

/// median(baseline) / median(device), that is how many times faster the device is, with the 95 %
/// percentile bootstrap interval of Efron & Tibshirani, "An Introduction to the Bootstrap" (1993).
/// The same samples and seed give the same interval. What was measured once has no interval: its
/// ends are NaN; all is if either side is empty.
[[nodiscard]] Interval ratio_of_medians(const Samples& baseline, const Samples& device,
                                        std::uint64_t seed = 0);

/// When to stop repeating: after `min_samples` at least, then at `max_samples` or when the budget
/// is spent, whichever comes first.
struct StoppingRule {
  int min_samples = 5;
  int max_samples = 30;
  double budget_seconds = 10.0;

  [[nodiscard]] bool goes_on(std::size_t taken, double elapsed_seconds) const;
};

/// How long to run before the first sample: a GPU's clock goes on changing for seconds under load.
struct WarmUp {
  double least_seconds = 1.0, most_seconds = 5.0;
  /// Between, it ends when the medians of two windows of so long are nearer than that.
  double window_seconds = 0.25, steady = 0.005;
};
/// Calls `measure`, which returns seconds; returns their sum, which the rule counts.
double warm_up(const WarmUp& rule, const std::function<double()>& measure);

/// Calls `measure`, which returns seconds, as often as the rule says. `between` runs, untimed but
/// within the budget, before each: what is to be measured in alternation with it.
[[nodiscard]] Samples collect_samples(const StoppingRule& rule,
                                      const std::function<double()>& measure,
                                      const std::function<void()>& between = {});

/// The same for `work` by the clock of this program.
[[nodiscard]] Samples take_samples(const StoppingRule& rule, const std::function<void()>& work);

}  // namespace hikaku
