// What the NVIDIA driver says of its GPUs. No CUDA is needed for that: the driver's libraries are
// opened at run time.
#include <dlfcn.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/system_files.h"
#include "measure/machine.h"
#include "measure/nvml.h"
#include "measure/symbol.h"

namespace hikaku {
namespace {

// From the CUDA driver's interface, cuda.h.
constexpr int cuda_error_no_device = 100;
constexpr int attribute_clock_khz = 13, attribute_multiprocessors = 16;
constexpr int attribute_capability_major = 75, attribute_capability_minor = 76;
// From NVML, nvml.h.
constexpr int nvml_clock_sm = 1;

/// The functions of libcuda.so.1 that are called here; all null without a driver.
struct Driver {
  bool found = false;
  int (*init)(unsigned) = nullptr;
  int (*count)(int*) = nullptr;
  int (*get)(int*, int) = nullptr;
  int (*name)(char*, int, int) = nullptr;
  int (*memory)(std::size_t*, int) = nullptr;
  int (*attribute)(int*, int, int) = nullptr;
  int (*version)(int*) = nullptr;
  int (*pci_bus_id)(char*, int, int) = nullptr;
};

const Driver& driver() {
  static const Driver opened = [] {
    Driver driver;
    // Stays open: it cannot be unloaded.
    void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return driver;
    driver.found = true;
    find_symbol(library, driver.init, "cuInit");
    find_symbol(library, driver.count, "cuDeviceGetCount");
    find_symbol(library, driver.get, "cuDeviceGet");
    find_symbol(library, driver.name, "cuDeviceGetName");
    find_symbol(library, driver.memory, "cuDeviceTotalMem_v2");
    find_symbol(library, driver.attribute, "cuDeviceGetAttribute");
    find_symbol(library, driver.version, "cuDriverGetVersion");
    find_symbol(library, driver.pci_bus_id, "cuDeviceGetPCIBusId");
    return driver;
  }();
  return opened;
}

/// The highest clock that a GPU may have, by NVML: what the driver calls its clock is only a
/// typical one, which a GeForce exceeds. 0 where NVML does not tell.
double highest_clock_hz(int device) {
  void* handle = nullptr;
  unsigned megahertz = 0;
  if (nvml().max_clock == nullptr || !nvml_device(device, handle)) return 0;
  return nvml().max_clock(handle, nvml_clock_sm, &megahertz) == 0 ? 1e6 * megahertz : 0;
}

NoGpu why_driver_is_missing() {
  if (std::filesystem::exists("/proc/driver/nvidia/version")) {
    return {
        "no_library",
        "the NVIDIA kernel driver is loaded but libcuda.so.1 was not found: install the driver's "
        "CUDA library (apt install libcuda1), or give the container access to the GPU"};
  }
  return {"no_driver",
          "no NVIDIA driver is loaded and libcuda.so.1 was not found: a GPU needs its driver "
          "(apt install nvidia-driver), a container needs access to it (--gpus all)"};
}

}  // namespace

std::string gpu_bus_id(int device) {
  constexpr int most = 32;
  std::array<char, most> bus{};
  const bool told =
      driver().pci_bus_id != nullptr && driver().pci_bus_id(bus.data(), most, device) == 0;
  return told ? bus.data() : std::string();
}

std::optional<NoGpu> why_no_gpu() {
  if (!driver().found) return why_driver_is_missing();
  if (driver().init == nullptr || driver().count == nullptr) {
    return NoGpu{"not_a_driver",
                 "libcuda.so.1 has no cuInit, so it is no CUDA driver: install the NVIDIA driver"};
  }
  int devices = 0;
  int status = driver().init(0);
  if (status == 0) status = driver().count(&devices);
  if (status == cuda_error_no_device || (status == 0 && devices == 0)) {
    return NoGpu{"no_device",
                 "the NVIDIA driver sees no GPU: check nvidia-smi and CUDA_VISIBLE_DEVICES"};
  }
  if (status != 0) {
    return NoGpu{"driver_fault",
                 fmt::format("the NVIDIA driver does not start (CUDA error {}): check nvidia-smi; "
                             "the driver may be too old for the GPU, or want a restart",
                             status)};
  }
  return std::nullopt;
}

std::vector<GpuFacts> describe_gpus() {
  if (why_no_gpu()) return {};
  const Driver& cuda = driver();
  if (cuda.get == nullptr || cuda.name == nullptr || cuda.memory == nullptr ||
      cuda.attribute == nullptr || cuda.version == nullptr) {
    return {};
  }
  int count = 0, version = 0;
  cuda.count(&count);
  cuda.version(&version);
  // "590.48.01", and the CUDA that it supports
  const std::string release = first_line("/sys/module/nvidia/version");
  std::vector<GpuFacts> found;
  for (int i = 0; i < count; ++i) {
    int device = 0, major = 0, minor = 0, multiprocessors = 0, kilohertz = 0;
    std::array<char, 256> name{};
    std::size_t bytes = 0;
    if (cuda.get(&device, i) != 0) continue;
    cuda.name(name.data(), static_cast<int>(name.size()) - 1, device);
    cuda.memory(&bytes, device);
    cuda.attribute(&major, attribute_capability_major, device);
    cuda.attribute(&minor, attribute_capability_minor, device);
    cuda.attribute(&multiprocessors, attribute_multiprocessors, device);
    cuda.attribute(&kilohertz, attribute_clock_khz, device);
    found.push_back({name.data(), fmt::format("sm_{}{}", major, minor),
                     static_cast<std::int64_t>(bytes),
                     fmt::format("{}{}CUDA {}.{}", release, release.empty() ? "" : ", ",
                                 version / 1000, version % 1000 / 10),
                     multiprocessors, std::max(1e3 * kilohertz, highest_clock_hz(device))});
  }
  return found;
}

}  // namespace hikaku
