// NVML's counter of energy, or its samples of power.
#include <fmt/core.h>

#include <cmath>

#include "base/clock.h"
#include "measure/energy.h"
#include "measure/nvml.h"

namespace hikaku {
namespace {

class TotalEnergy final : public EnergyCounter {
 public:
  explicit TotalEnergy(void* device) : device_(device) {}

  double joules() override {
    unsigned long long millijoules = 0;
    if (nvml().total_energy(device_, &millijoules) != 0) failed_ = true;
    return failed_ ? std::nan("") : 1e-3 * static_cast<double>(millijoules);
  }
  [[nodiscard]] double interval_seconds() const override { return 60; }

 private:
  void* device_;
  bool failed_ = false;
};

/// A trapezoid from sample to sample.
class PowerSamples final : public EnergyCounter {
 public:
  explicit PowerSamples(void* device) : device_(device) {}

  double joules() override {
    unsigned milliwatts = 0;
    const double now = clock_seconds();
    if (nvml().power(device_, &milliwatts) != 0) failed_ = true;
    if (failed_) return std::nan("");
    const double watts = 1e-3 * milliwatts;
    if (last_ > 0) joules_ += 0.5 * (watts + watts_) * (now - last_);
    last_ = now;
    watts_ = watts;
    return joules_;
  }
  [[nodiscard]] double interval_seconds() const override { return 0.05; }

 private:
  void* device_;
  double last_ = 0, watts_ = 0, joules_ = 0;
  bool failed_ = false;
};

}  // namespace

OpenMeter open_nvml(int cuda_device) {
  OpenMeter meter{{.device = fmt::format("cuda:{}", cuda_device)}, nullptr};
  const auto unavailable = [&](const char* reason, const char* text, const char* remedy) {
    meter.facts.kind = "unavailable";
    meter.facts.reason = reason;
    meter.facts.text = text;
    meter.facts.remedy = remedy;
    return std::move(meter);
  };
  if (!nvml().found) {
    return unavailable("no_nvml", "libnvidia-ml.so.1, which counts a GPU's energy, does not open",
                       "install it (apt install libnvidia-ml1), or give the container the driver's "
                       "utilities (NVIDIA_DRIVER_CAPABILITIES=compute,utility)");
  }
  void* device = nullptr;
  if (!nvml_device(cuda_device, device)) {
    return unavailable("not_in_nvml", "NVML does not know this GPU",
                       "check that nvidia-smi shows it");
  }
  unsigned long long millijoules = 0;
  if (nvml().total_energy != nullptr && nvml().total_energy(device, &millijoules) == 0) {
    meter.facts.source = "NVML: total energy";
    meter.counter = std::make_unique<TotalEnergy>(device);
    return meter;
  }
  unsigned milliwatts = 0;
  if (nvml().power == nullptr || nvml().power(device, &milliwatts) != 0) {
    return unavailable("no_counter", "this GPU tells neither its energy nor its power",
                       "nothing can be done; virtual GPUs and old ones have no such counter");
  }
  meter.facts.kind = "estimated";
  meter.facts.source = "NVML: samples of power";
  meter.facts.reason = "power_samples";
  meter.facts.text =
      "reckoned from samples of power, for this GPU has no counter of energy; such samples cover "
      "only a part of the time, on an H100 about a quarter";
  meter.facts.remedy = "read it as a rough figure; a GPU of Volta or later has the counter";
  meter.counter = std::make_unique<PowerSamples>(device);
  return meter;
}

}  // namespace hikaku
