#include "base/memory.h"

#include <algorithm>

#include "base/cgroup.h"
#include "base/system_files.h"

namespace hikaku {
namespace {

/// Smaller pieces are not worth the reading of the system's files.
constexpr std::size_t many_bytes = std::size_t{64} << 20;

double gibibytes(std::size_t bytes) { return static_cast<double>(bytes) / (1 << 30); }

}  // namespace

MemoryFacts read_memory() {
  const auto kibibytes = [](const char* key) {
    return number_in(value_of("/proc/meminfo", key)).value_or(0) * 1024;
  };
  MemoryFacts memory{kibibytes("MemTotal"), kibibytes("MemAvailable")};
  const CgroupLimits limits = read_cgroup_limits();
  memory.total = std::min(memory.total, limits.memory_bytes.value_or(memory.total));
  memory.available =
      std::min(memory.available, limits.memory_available_bytes.value_or(memory.available));
  return memory;
}

std::int64_t peak_process_memory() {
  return number_in(value_of("/proc/self/status", "VmHWM")).value_or(0) * 1024;
}

OutOfMemory::OutOfMemory(const std::string& place, const std::string& what, std::size_t needed,
                         std::size_t available, std::string fix)
    : Error(ExitCode::out_of_memory,
            fmt::format("{}: {} needs {:.2f} GiB; {:.2f} GiB are free", place, what,
                        gibibytes(needed), gibibytes(available)),
            std::move(fix)),
      place_(place),
      available_(available) {}

OutOfMemory out_of_host_memory(std::size_t bytes) {
  return {"host memory", "one more array", bytes, static_cast<std::size_t>(read_memory().available),
          "use a smaller --batch-size or --size, or close other programs"};
}

void require_host_memory(std::size_t bytes) {
  if (bytes < many_bytes) return;
  const OutOfMemory refusal = out_of_host_memory(bytes);
  if (refusal.available() > 0 && bytes > refusal.available()) throw refusal;
}

}  // namespace hikaku
