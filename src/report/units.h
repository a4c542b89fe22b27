// Numbers as people read them: three digits and a fitting unit; "-" for what was not measured.
#pragma once

#include <string>

#include "measure/samples.h"

namespace hikaku {

[[nodiscard]] std::string pretty_seconds(double seconds);  ///< "5.91 s", "12.3 ms", "2 h 05 min"
[[nodiscard]] std::string pretty_median(const Samples& samples);  ///< "5.91 s ± 0.4%"
[[nodiscard]] std::string pretty_flops(double per_second);        ///< "173 GFLOP/s"
[[nodiscard]] std::string pretty_bytes(double bytes);             ///< "22.4 GiB"
[[nodiscard]] std::string pretty_joules(double joules);           ///< "14.2 kJ"
[[nodiscard]] std::string pretty_watts(double watts);             ///< "345 W"
[[nodiscard]] std::string pretty_percent(double fraction);        ///< "86.0%"
[[nodiscard]] std::string pretty_ratio(const Interval& ratio);  ///< "45.9x (44.8 .. 46.9)", "45.9x"
[[nodiscard]] std::string pretty_count(double value);           ///< a whole number: "8000"
[[nodiscard]] std::string pretty_money(double value);           ///< "12.5", "0.0018"
[[nodiscard]] std::string pretty_number(double value);          ///< three significant digits

/// What a cost is told of: a single product costs a ten-thousandth of a yen.
inline constexpr double works_of_a_cost = 1000;

}  // namespace hikaku
