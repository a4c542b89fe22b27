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

std::string why_driver_is_missing() {
  if (std::filesystem::exists("/proc/driver/nvidia/version")) {
    return "the NVIDIA kernel driver is loaded but libcuda.so.1 was not found: install the "
           "driver's "
           "CUDA library (apt install libcuda1), or give the container access to the GPU";
  }
  return "no NVIDIA driver is loaded and libcuda.so.1 was not found: a GPU needs its driver "
         "(apt install nvidia-driver), a container needs access to it (--gpus all)";
}

}  // namespace

std::string why_no_gpu() {
  void* driver =
      dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);  // stays open: it cannot be unloaded
  if (driver == nullptr) return why_driver_is_missing();
  const auto init = reinterpret_cast<CuInit>(dlsym(driver, "cuInit"));
  const auto count = reinterpret_cast<CuDeviceGetCount>(dlsym(driver, "cuDeviceGetCount"));
  if (init == nullptr || count == nullptr) {
    return "libcuda.so.1 is not a CUDA driver: it has no cuInit; install the NVIDIA driver";
  }
  int devices = 0;
  int status = init(0);
  if (status == 0) status = count(&devices);
  if (status == cuda_error_no_device || (status == 0 && devices == 0)) {
    return "the NVIDIA driver sees no GPU: check nvidia-smi and CUDA_VISIBLE_DEVICES";
  }
  if (status != 0) {
    return fmt::format(
        "the NVIDIA driver does not start (CUDA error {}): check nvidia-smi, the "
        "driver may be older than the GPU or want a restart",
        status);
  }
  return {};
}

}  // namespace hikaku
