#include <dlfcn.h>
#include <fmt/core.h>

#include <filesystem>

#include "measure/machine.h"

namespace hikaku {
namespace {

// From the CUDA driver's interface, cuda.h.
using CuInit = int (*)(unsigned);
using CuDeviceGetCount = int (*)(int*);
constexpr int cuda_error_no_device = 100;

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
  void* driver =
      dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);  // stays open: it cannot be unloaded
  if (driver == nullptr) return why_driver_is_missing();
  const auto init = reinterpret_cast<CuInit>(dlsym(driver, "cuInit"));
  const auto count = reinterpret_cast<CuDeviceGetCount>(dlsym(driver, "cuDeviceGetCount"));
  if (init == nullptr || count == nullptr) {
    return NoGpu{"not_a_driver",
                 "libcuda.so.1 has no cuInit, so it is no CUDA driver: install the NVIDIA driver"};
  }
  int devices = 0;
  int status = init(0);
  if (status == 0) status = count(&devices);
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

}  // namespace hikaku
