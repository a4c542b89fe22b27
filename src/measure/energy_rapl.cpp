// RAPL as Linux shows it: a folder for each zone, a counter of microjoules in each.
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "base/system_files.h"
#include "measure/energy.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

struct Zone {
  std::string name, file;
  double range = 0;  ///< the counter begins again at 0 behind it, J
  double last = 0, sum = 0;
};

std::optional<double> joules_in(const std::string& file) {
  const auto microjoules = number_in(first_line(file));
  return microjoules ? std::optional(1e-6 * static_cast<double>(*microjoules)) : std::nullopt;
}

class Rapl final : public EnergyCounter {
 public:
  explicit Rapl(std::vector<Zone> zones) : zones_(std::move(zones)) {}

  double joules() override {
    double sum = 0;
    for (Zone& zone : zones_) {
      const auto now = joules_in(zone.file);
      if (!now) failed_ = true;
      if (failed_) return std::nan("");
      zone.sum += *now - zone.last + (*now < zone.last ? zone.range : 0);
      zone.last = *now;
      sum += zone.sum;
    }
    return sum;
  }
  /// The smallest range known, 65 kJ of memory, is 100 s of 650 W.
  [[nodiscard]] double interval_seconds() const override { return 10; }

 private:
  std::vector<Zone> zones_;
  bool failed_ = false;
};

/// Packages, and the memory where it has a counter of its own: it is no part of its package. A
/// package's cores are, and so is all of that in "psys". Those of "intel-rapl-mmio" are the
/// packages once more.
std::vector<Zone> zones_below(const std::string& folder) {
  std::vector<Zone> zones;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, none)) {
    if (!entry.path().filename().string().starts_with("intel-rapl:")) continue;
    const std::string path = entry.path().string();
    const std::string name = first_line(path + "/name");
    if (!name.starts_with("package") && name != "dram") continue;
    zones.push_back(
        {name, path + "/energy_uj", joules_in(path + "/max_energy_range_uj").value_or(0)});
  }
  std::sort(zones.begin(), zones.end(), [](const Zone& a, const Zone& b) {
    return std::pair(a.name == "dram", a.file) < std::pair(b.name == "dram", b.file);
  });
  return zones;
}

OpenMeter unavailable(const char* reason, const std::string& text, const char* remedy) {
  return {
      {.device = "cpu", .kind = "unavailable", .reason = reason, .text = text, .remedy = remedy},
      nullptr};
}

}  // namespace

OpenMeter open_rapl(const std::string& folder) {
  std::vector<Zone> zones = zones_below(folder);
  if (zones.empty()) {
    return unavailable(
        "no_rapl",
        fmt::format("{} shows no counter of energy (RAPL): virtual machines and most "
                    "containers have none",
                    folder),
        "measure on the machine itself, with the kernel's module intel_rapl_msr");
  }
  OpenMeter meter{{.device = "cpu", .source = "RAPL: "}, nullptr};
  for (Zone& zone : zones) {
    const auto now = joules_in(zone.file);
    if (!now && faccessat(AT_FDCWD, zone.file.c_str(), R_OK, AT_EACCESS) != 0) {
      return unavailable(
          "no_permission", fmt::format("{} may not be read by this user", zone.file),
          "sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj (until the next "
          "boot)");
    }
    if (!now) {
      return unavailable("unreadable", fmt::format("{} holds no number", zone.file),
                         "measure on the machine itself, and not in a container or a guest");
    }
    zone.last = *now;
    meter.facts.source += (&zone == &zones.front() ? "" : ", ") + zone.name;
  }
  meter.counter = std::make_unique<Rapl>(std::move(zones));
  return meter;
}

}  // namespace hikaku
