// Joules over a window of time, by the counters that CPU and GPU keep of themselves. Nothing is
// guessed: where no counter can be read, it is said why and what to do.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "measure/energy_meter.h"

namespace hikaku {

/// The joules since it was opened. Not safe to be called by two threads at one time.
class EnergyCounter {
 public:
  virtual ~EnergyCounter() = default;
  /// NaN from the first reading on that failed.
  virtual double joules() = 0;
  /// How often joules() must be called so that nothing is missed.
  [[nodiscard]] virtual double interval_seconds() const = 0;
};

struct OpenMeter {
  EnergyMeter facts;
  std::unique_ptr<EnergyCounter> counter;  ///< null if it is unavailable
};

/// Intel's RAPL, which AMD's processors since Zen have as well, as the kernel shows it below
/// `folder`: the sum of all packages and, where they are counted apart, of the memory. The counters
/// wrap around at max_energy_range_uj (Documentation/power/powercap/powercap.rst of Linux).
[[nodiscard]] OpenMeter open_rapl(const std::string& folder = "/sys/class/powercap");

/// NVML of CUDA's device of this number: its counter of energy (Volta and later), else samples of
/// its power, which on an H100 cover about a quarter of the time (Yang et al., arXiv 2312.02741).
[[nodiscard]] OpenMeter open_nvml(int cuda_device);

/// What the meters counted between begin() and end().
struct EnergyWindow {
  double seconds = 0;
  std::vector<double> joules;  ///< by meter; NaN where none could be read
};

/// Meters that are read together. A thread of its own reads them now and then while a window is
/// open, and sleeps in between.
class EnergyMeters {
 public:
  explicit EnergyMeters(std::vector<OpenMeter> meters);
  ~EnergyMeters();
  EnergyMeters(const EnergyMeters&) = delete;
  EnergyMeters& operator=(const EnergyMeters&) = delete;

  [[nodiscard]] const std::vector<OpenMeter>& all() const { return meters_; }
  [[nodiscard]] bool any() const;  ///< one that is available

  void begin();
  EnergyWindow end();
  /// Waits `seconds`, which nothing else should use, and keeps the watts.
  void measure_idle(double seconds);

 private:
  [[nodiscard]] std::vector<double> read();
  void stop();

  std::vector<OpenMeter> meters_;
  double started_ = 0;
  std::vector<double> first_;
  std::mutex mutex_;  ///< of the counters and of `open_`
  std::condition_variable wake_;
  bool open_ = false;
  std::thread reader_;
};

}  // namespace hikaku
