#include "app/meters.h"

#include <cstdlib>

namespace hikaku {

std::vector<OpenMeter> open_meters(const std::vector<std::string>& devices) {
  const char* folder = std::getenv("HIKAKU_POWERCAP");
  std::vector<OpenMeter> meters;
  meters.push_back(folder == nullptr ? open_rapl() : open_rapl(folder));
  for (const std::string& device : devices) {
    if (device == "cpu") continue;
    meters.push_back(open_nvml(std::atoi(device.substr(device.find(':') + 1).c_str())));
  }
  return meters;
}

}  // namespace hikaku
