#include "report/units.h"

#include <fmt/core.h>

#include <array>
#include <cmath>

namespace hikaku {
namespace {

/// `value` in the largest unit that leaves at least 1 of it; each unit is `factor` times the last.
template <std::size_t count>
std::string in_units(double value, double factor, const std::array<const char*, count>& units) {
  if (!std::isfinite(value)) return "-";
  std::size_t unit = 0;
  while (unit + 1 < count && std::abs(value) >= 0.9995 * factor) {
    value /= factor;
    ++unit;
  }
  return fmt::format("{} {}", pretty_number(value), units[unit]);
}

}  // namespace

std::string pretty_number(double value) {
  if (!std::isfinite(value)) return "-";
  const double size = std::abs(value);
  const int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return size != 0 && size < 0.01 ? fmt::format("{:.1e}", value)
                                  : fmt::format("{:.{}f}", value, decimals);
}

std::string pretty_money(double value) {
  const bool small = std::abs(value) > 0 && std::abs(value) < 0.01;
  return small ? fmt::format("{:.2g}", value) : pretty_number(value);
}

std::string pretty_count(double value) {
  return std::isfinite(value) ? fmt::format("{:.0f}", value) : "-";
}

std::string pretty_seconds(double seconds) {
  if (std::isfinite(seconds) && std::lround(seconds) >= 3600) {
    const auto minutes = static_cast<long>(std::lround(seconds / 60));
    return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
  }
  if (seconds >= 120) {
    const auto whole = std::lround(seconds);
    return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  }
  if (seconds >= 0.9995) return fmt::format("{} s", pretty_number(seconds));
  return in_units(1e9 * seconds, 1000, std::array{"ns", "µs", "ms"});
}

std::string pretty_median(const Samples& samples) {
  const double median = samples.median();
  if (samples.values.size() < 2) return pretty_seconds(median);
  return fmt::format("{} ± {:.1f}%", pretty_seconds(median), 100 * samples.mad() / median);
}

std::string pretty_flops(double per_second) {
  return in_units(1e-6 * per_second, 1000, std::array{"MFLOP/s", "GFLOP/s", "TFLOP/s", "PFLOP/s"});
}

std::string pretty_bytes(double bytes) {
  return in_units(bytes, 1024, std::array{"B", "KiB", "MiB", "GiB", "TiB"});
}

std::string pretty_joules(double joules) {
  return in_units(1e3 * joules, 1000, std::array{"mJ", "J", "kJ", "MJ", "GJ"});
}

std::string pretty_watts(double watts) { return in_units(watts, 1000, std::array{"W", "kW"}); }

std::string pretty_percent(double fraction) {
  return std::isfinite(fraction) ? fmt::format("{:.1f}%", 100 * fraction) : "-";
}

std::string pretty_ratio(const Interval& ratio) {
  if (!std::isfinite(ratio.low)) return fmt::format("{}x", pretty_number(ratio.median));
  return fmt::format("{}x ({} .. {})", pretty_number(ratio.median), pretty_number(ratio.low),
                     pretty_number(ratio.high));
}

}  // namespace hikaku
