// The energy of the experiments: a window around each, with what idling takes subtracted.
#pragma once

#include <functional>
#include <string>

#include "measure/energy.h"
#include "report/result.h"

namespace hikaku {

class EnergyWatch {
 public:
  /// `report` holds price, currency and the length of a window, 0 for none at all; it gets the
  /// meters and the work, and must live as long as this.
  EnergyWatch(std::vector<OpenMeter> meters, EnergyReport& report);

  /// Whether there is anything to read; if not, no time is spent on windows.
  [[nodiscard]] bool on() const { return report_.window_seconds > 0 && meters_.any(); }
  /// Waits a window long while nothing works.
  void measure_idle();

  /// Calls `once` for as long as a window is.
  void repeat(const std::string& what, const std::string& device, const std::string& precision,
              const std::function<void()>& once);

  // For work that is as long as it is:
  void begin() { meters_.begin(); }
  EnergyWindow end() { return meters_.end(); }
  [[nodiscard]] bool long_enough(const EnergyWindow& window) const {
    return window.seconds >= report_.window_seconds;
  }
  /// `works` is how many products or epochs the window held. Of a GPU's work two meters are kept:
  /// its own, and that of the CPU which feeds it.
  void add(const std::string& what, const std::string& device, const std::string& precision,
           const EnergyWindow& window, double works);

 private:
  EnergyMeters meters_;
  EnergyReport& report_;
};

/// What is known of one meter's joules. A counter that did not move tells nothing; a window below
/// shortest_energy_window only an estimate.
[[nodiscard]] EnergyResult judge_energy(const EnergyMeter& meter, double seconds, double joules,
                                        double works, double price_per_kwh);

}  // namespace hikaku
