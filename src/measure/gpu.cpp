// What the NVIDIA driver says of its GPUs. No CUDA is needed for that: the driver's library is
// opened at run time.
#include <dlfcn.h>
#include <fmt/core.h>

#include <array>
#include <filesystem>

#include "base/system_files.h"
#include "measure/machine.h"

namespace hikaku {
namespace {

// From the CUDA driver's interface, cuda.h.
constexpr int cuda_error_no_device = 100;
constexpr int attribute_capability_major = 75, attribute_capability_minor = 76;

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
};

const Driver& driver() {
  static const Driver opened = [] {
    Driver driver;
    // Stays open: it cannot be unloaded.
    void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return driver;
    driver.found = true;
    const auto find = [library]<class F>(F& function, const char* symbol) {
      function = reinterpret_cast<F>(dlsym(library, symbol));
    };
    find(driver.init, "cuInit");
    find(driver.count, "cuDeviceGetCount");
    find(driver.get, "cuDeviceGet");
    find(driver.name, "cuDeviceGetName");
    find(driver.memory, "cuDeviceTotalMem_v2");
    find(driver.attribute, "cuDeviceGetAttribute");
    find(driver.version, "cuDriverGetVersion");
    return driver;
  }();
  return opened;
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
    int device = 0, major = 0, minor = 0;
    std::array<char, 256> name{};
    std::size_t bytes = 0;
    if (cuda.get(&device, i) != 0) continue;
    cuda.name(name.data(), static_cast<int>(name.size()) - 1, device);
    cuda.memory(&bytes, device);
    cuda.attribute(&major, attribute_capability_major, device);
    cuda.attribute(&minor, attribute_capability_minor, device);
    found.push_back({name.data(), fmt::format("sm_{}{}", major, minor),
                     static_cast<std::int64_t>(bytes),
                     fmt::format("{}{}CUDA {}.{}", release, release.empty() ? "" : ", ",
                                 version / 1000, version % 1000 / 10)});
  }
  return found;
}

}  // namespace hikaku
