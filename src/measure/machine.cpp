#include "measure/machine.h"

#include <fmt/core.h>
#include <omp.h>
#include <sched.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <sstream>
#include <string_view>

#include "base/cgroup.h"
#include "base/system_files.h"

namespace hikaku {
namespace {

const std::string cpu0 = "/sys/devices/system/cpu/cpu0";

int allowed_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : omp_get_num_procs();
}

std::vector<std::string> processor_flags() {
  std::string line = value_of("/proc/cpuinfo", "flags");
  if (line.empty()) line = value_of("/proc/cpuinfo", "Features");  // ARM's word for them
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), {}};
}

constexpr std::array<std::string_view, 13> flags_that_matter{
    "avx",         "avx2",        "fma",      "f16c",     "avx512f", "avx512dq", "avx512bw",
    "avx512_vnni", "avx512_bf16", "amx_tile", "amx_bf16", "asimd",   "sve"};

std::vector<Cache> caches() {
  std::vector<Cache> found;
  for (int index = 0;; ++index) {
    const std::string folder = fmt::format("{}/cache/index{}/", cpu0, index);
    const auto level = number_in(first_line(folder + "level"));
    if (!level) return found;
    const std::string size = first_line(folder + "size");  // "1024K"
    const std::int64_t unit = size.ends_with('M') ? 1 << 20 : size.ends_with('K') ? 1 << 10 : 1;
    found.push_back({static_cast<int>(*level), first_line(folder + "type"),
                     number_in(size).value_or(0) * unit});
  }
}

CpuFacts describe_cpu() {
  CpuFacts cpu;
  cpu.model = value_of("/proc/cpuinfo", "model name");
  cpu.cores = allowed_processors();
  cpu.cpu_limit = read_cgroup_limits().processors.value_or(0);
  cpu.threads = omp_get_max_threads();
  const std::vector<std::string> flags = processor_flags();
  const auto matters = [](const std::string& flag) {
    return std::find(flags_that_matter.begin(), flags_that_matter.end(), flag) !=
           flags_that_matter.end();
  };
  std::copy_if(flags.begin(), flags.end(), std::back_inserter(cpu.isa), matters);
  cpu.virtualised = std::find(flags.begin(), flags.end(), "hypervisor") != flags.end();
  cpu.caches = caches();
  cpu.governor = first_line(cpu0 + "/cpufreq/scaling_governor");
  std::istringstream(first_line("/proc/loadavg")) >> cpu.load;
  return cpu;
}

std::string compiler() {
#if defined(__clang__)
  return fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  return fmt::format("gcc {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

}  // namespace

Machine describe_machine() {
  Machine machine;
  machine.cpu = describe_cpu();
  machine.memory = read_memory();
  machine.os = value_of("/etc/os-release", "PRETTY_NAME");
  if (utsname system{}; uname(&system) == 0) {
    machine.kernel = system.release;
    machine.cpu.architecture = system.machine;
  }
  machine.gpus = describe_gpus();
  machine.no_gpu = why_no_gpu();
  machine.libraries["compiler"] = {compiler(), "", ""};
  return machine;
}

}  // namespace hikaku
