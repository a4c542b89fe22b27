#include "base/cgroup.h"

#include <algorithm>
#include <sstream>
#include <string>

#include "base/system_files.h"

namespace hikaku {
namespace {

const std::string mount_point = "/sys/fs/cgroup";

/// Whether the list "cpu,cpuacct" has this name; the empty one is only itself.
bool names(const std::string& list, const std::string& name) {
  if (name.empty()) return list.empty();
  return ("," + list + ",").find("," + name + ",") != std::string::npos;
}

/// The group of this process: in version 1 a hierarchy has controllers' names ("memory",
/// "cpu,cpuacct"), in version 2 there is one without a name.
std::string group_of(const std::string& controller) {
  std::ifstream file("/proc/self/cgroup");  // "4:cpu,cpuacct:/a/b", "0::/a/b"
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    if (names(line.substr(first + 1, second - first - 1), controller)) {
      const std::string group = line.substr(second + 1);
      return group == "/" ? std::string() : group;
    }
  }
  return {};
}

/// Calls `visit` with the folder of the process's group and of each group around it. Inside a
/// container the outer ones are out of sight and the mount point is the process's own.
template <class Visit>
void each_group(const std::string& controller, const Visit& visit) {
  const std::string root = controller.empty() ? mount_point : mount_point + "/" + controller;
  for (std::string group = group_of(controller);; group.resize(group.rfind('/'))) {
    visit(root + group + "/");
    if (group.empty()) return;
  }
}

template <class T>
void tighten(std::optional<T>& limit, T value) {
  limit = limit ? std::min(*limit, value) : value;
}

struct MemoryNames {
  const char *controller, *limit, *used, *cache;
};

void read_memory_limits(const MemoryNames& names, CgroupLimits& limits) {
  each_group(names.controller, [&](const std::string& folder) {
    const auto limit = number_in(first_line(folder + names.limit));
    if (!limit) return;
    const std::int64_t used = number_in(first_line(folder + names.used)).value_or(0);
    // Pages of files that nobody uses would be given back before the limit bites.
    const auto cache = number_in(value_of(folder + "memory.stat", names.cache)).value_or(0);
    tighten(limits.memory_bytes, *limit);
    tighten(limits.memory_available_bytes, std::max<std::int64_t>(*limit - used + cache, 0));
  });
}

void read_processor_limits(CgroupLimits& limits) {
  const auto add = [&](const std::string& quota_and_period) {
    double quota = 0, period = 0;  // "200000 100000" are two processors; "max" or -1: no limit
    if (std::istringstream(quota_and_period) >> quota >> period && quota > 0 && period > 0) {
      tighten(limits.processors, quota / period);
    }
  };
  each_group("", [&](const std::string& folder) { add(first_line(folder + "cpu.max")); });
  each_group("cpu", [&](const std::string& folder) {
    add(first_line(folder + "cpu.cfs_quota_us") + " " + first_line(folder + "cpu.cfs_period_us"));
  });
}

}  // namespace

CgroupLimits read_cgroup_limits() {
  CgroupLimits limits;
  read_processor_limits(limits);
  read_memory_limits({"", "memory.max", "memory.current", "inactive_file"}, limits);
  read_memory_limits(
      {"memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}, limits);
  return limits;
}

}  // namespace hikaku
