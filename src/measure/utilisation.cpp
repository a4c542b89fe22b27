#include "measure/utilisation.h"

#include <fmt/format.h>
#include <omp.h>
#include <sys/resource.h>

#include <algorithm>

#include "base/cgroup.h"
#include "base/clock.h"
#include "measure/nvml.h"

namespace hikaku {
namespace {

/// Of all threads of this process.
double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Those that the process may use: not all of the machine's in a container or under taskset.
double usable_processors() {
  const double some = std::max(1, omp_get_num_procs());
  return std::min(some, read_cgroup_limits().processors.value_or(some));
}

}  // namespace

Utilisation::Utilisation(int cuda_device)
    : wall_(clock_seconds()), cpu_(cpu_seconds()), processors_(usable_processors()) {
  has_gpu_ = cuda_device >= 0 && nvml_device(cuda_device, gpu_) && nvml().utilisation != nullptr;
}

const std::string& Utilisation::text() {
  const double wall = clock_seconds();
  if (wall - wall_ < 1) return text_;
  const double cpu = cpu_seconds();
  text_ = fmt::format("CPU {:.0f}%",
                      std::min(100.0, 100 * (cpu - cpu_) / (wall - wall_) / processors_));
  NvmlUtilisation gpu;
  if (has_gpu_ && nvml().utilisation(gpu_, &gpu) == 0) text_ += fmt::format(" GPU {}%", gpu.gpu);
  wall_ = wall;
  cpu_ = cpu;
  return text_;
}

}  // namespace hikaku
