// What is known of a counter of energy, as result.json keeps it.
#pragma once

#include <limits>
#include <string>

namespace hikaku {

/// Below that a counter's own steps (NVML's comes ten times a second) weigh too much.
inline constexpr double shortest_energy_window = 5;

/// Who counts a device's energy here. The names are part of result.json.
struct EnergyMeter {
  std::string device;             ///< whose energy: "cpu", "cuda:0"
  std::string kind = "measured";  ///< or "estimated" (from samples of power), or "unavailable"
  std::string source = {};        ///< "RAPL: package-0, dram", "NVML: total energy"
  std::string reason = {};        ///< id of why it is not measured: "no_permission", ...
  std::string text = {};          ///< the same as one sentence; empty if it is measured
  std::string remedy = {};        ///< what to do
  double idle_watts = std::numeric_limits<double>::quiet_NaN();    ///< before all work
  double idle_seconds = std::numeric_limits<double>::quiet_NaN();  ///< the window of that
};

}  // namespace hikaku
