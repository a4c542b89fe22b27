#include "measure/nvml.h"

#include <dlfcn.h>

#include "measure/machine.h"
#include "measure/symbol.h"

namespace hikaku {

const Nvml& nvml() {
  static const Nvml opened = [] {
    Nvml nvml;
    // Stays open: who closes it while a window is measured loses the window.
    void* library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return nvml;
    int (*init)() = nullptr;
    find_symbol(library, init, "nvmlInit_v2");
    find_symbol(library, nvml.by_bus, "nvmlDeviceGetHandleByPciBusId_v2");
    find_symbol(library, nvml.max_clock, "nvmlDeviceGetMaxClockInfo");
    find_symbol(library, nvml.total_energy, "nvmlDeviceGetTotalEnergyConsumption");
    find_symbol(library, nvml.power, "nvmlDeviceGetPowerUsage");
    find_symbol(library, nvml.utilisation, "nvmlDeviceGetUtilizationRates");
    nvml.found = init != nullptr && nvml.by_bus != nullptr && init() == 0;
    return nvml;
  }();
  return opened;
}

bool nvml_device(int cuda_device, void*& handle) {
  const std::string bus = gpu_bus_id(cuda_device);
  return !bus.empty() && nvml().found && nvml().by_bus(bus.c_str(), &handle) == 0;
}

}  // namespace hikaku
