// The machine that a number was measured on. A number without it means nothing.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/memory.h"

namespace hikaku {

struct Cache {
  int level = 0;
  std::string kind;  ///< "Data", "Instruction", "Unified"
  std::int64_t bytes = 0;
};

struct CpuFacts {
  std::string model;         ///< "AMD EPYC 9B45"
  std::string architecture;  ///< "x86_64"
  int cores = 0;             ///< logical processors this process may run on
  double cpu_limit = 0;  ///< the share of them that its cgroup allows, in processors; 0: no limit
  int threads = 0;       ///< OpenMP threads
  std::vector<std::string> isa;  ///< of those that matter here: "avx2", "avx512f", "amx_tile", ...
  std::vector<Cache> caches;     ///< of the first processor
  std::string governor;          ///< of the first processor; empty where the system does not tell
  bool virtualised = false;
  double load = 0;  ///< average number of runnable processes over the last minute
};

struct GpuFacts {
  std::string name;
  std::string architecture;  ///< "sm_90"
  std::int64_t memory_bytes = 0;
  std::string driver;  ///< its release, and the CUDA that it supports
  int multiprocessors = 0;
  double clock_hz = 0;  ///< the highest of its multiprocessors; 0: not known
};

struct LibraryFacts {
  std::string compiled;  ///< version of the headers; empty where there are none
  std::string loaded;    ///< version of the library found at run time
  std::string detail;    ///< what it runs: "SkylakeX kernels, OpenMP"
};

/// Why no GPU is used.
struct NoGpu {
  std::string id;    ///< one of no_gpu_ids
  std::string text;  ///< one sentence with its cure
};

/// The last: what the GPU is used through cannot be opened, or does not run on it.
inline constexpr std::array no_gpu_ids{"no_driver", "no_library",   "not_a_driver",
                                       "no_device", "driver_fault", "no_module"};

struct Machine {
  CpuFacts cpu;
  MemoryFacts memory;
  std::string os;      ///< "Debian GNU/Linux 12 (bookworm)"
  std::string kernel;  ///< "6.1.0"
  std::vector<GpuFacts> gpus;
  std::optional<NoGpu> no_gpu;
  std::map<std::string, LibraryFacts>
      libraries;  ///< by name: "compiler", "oneDNN", "OpenBLAS", ...
};

/// Reads what the system tells; of the libraries only the compiler, the program adds those it
/// opens. Never throws: what cannot be read stays empty.
[[nodiscard]] Machine describe_machine();

/// Asks the NVIDIA driver; nothing if it answers with a device.
[[nodiscard]] std::optional<NoGpu> why_no_gpu();

/// Those that the NVIDIA driver sees, in its order. Never throws.
[[nodiscard]] std::vector<GpuFacts> describe_gpus();

/// Where CUDA's device of this number sits, "0000:01:00.0"; empty where the driver does not tell.
[[nodiscard]] std::string gpu_bus_id(int device);

}  // namespace hikaku
