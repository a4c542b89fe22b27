// The NVIDIA management library, opened at run time: clocks and energy, which CUDA does not tell.
#pragma once

namespace hikaku {

struct NvmlUtilisation {
  unsigned gpu = 0, memory = 0;
};

/// The functions of libnvidia-ml.so.1 that are called here, null where it lacks them; each returns
/// 0 for success (nvml.h).
struct Nvml {
  bool found = false;  ///< and it has started
  int (*by_bus)(const char*, void**) = nullptr;
  int (*max_clock)(void*, int, unsigned*) = nullptr;          ///< MHz
  int (*total_energy)(void*, unsigned long long*) = nullptr;  ///< mJ since the driver started
  int (*power)(void*, unsigned*) = nullptr;                   ///< mW
  /// Percent of the last moments in which the GPU, and its memory, did anything.
  int (*utilisation)(void*, NvmlUtilisation*) = nullptr;
};

[[nodiscard]] const Nvml& nvml();

/// The handle of CUDA's device of this number, by its place on the bus; false where NVML does not
/// know it.
[[nodiscard]] bool nvml_device(int cuda_device, void*& handle);

}  // namespace hikaku
