// The limits that a container or a service manager sets on this process (Linux control groups, both
// versions).
#pragma once

#include <cstdint>
#include <optional>

namespace hikaku {

/// The tightest of the process's own group and all groups around it.
struct CgroupLimits {
  std::optional<double> processors;
  std::optional<std::int64_t> memory_bytes;
  std::optional<std::int64_t> memory_available_bytes;
};
[[nodiscard]] CgroupLimits read_cgroup_limits();

}  // namespace hikaku
