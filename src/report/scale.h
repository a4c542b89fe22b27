// From values to places on an axis, and the round numbers that stand along it.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace hikaku {

class Scale {
 public:
  /// From 0 to `highest`, or from `lowest` on if that is below 0.
  static Scale linear(double lowest, double highest);
  /// Exactly from `lowest` to `highest`, which is larger.
  static Scale between(double lowest, double highest);
  /// Both above 0; widened to whole decades where they are less than one apart.
  static Scale logarithmic(double lowest, double highest);

  /// 0 at the low end, 1 at the high end; not clamped.
  [[nodiscard]] double place(double value) const;
  /// Round values within the scale: 1, 2 or 5 times a power of ten, `about` so many of them. On a
  /// logarithmic scale as many as there are, or powers of ten where those would be too many.
  [[nodiscard]] std::vector<double> ticks(int about = 5) const;

 private:
  [[nodiscard]] std::vector<double> log_ticks() const;

  Scale(double low, double high, bool log) : low_(low), high_(high), log_(log) {}
  double low_, high_;
  bool log_;
};

/// How a value is written beside a chart: pretty_seconds, pretty_flops, ...
using Format = std::function<std::string(double)>;

}  // namespace hikaku
