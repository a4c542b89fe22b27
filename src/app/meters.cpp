#include "app/meters.h"

#include <cstdlib>

#include "app/devices.h"

namespace hikaku {

std::vector<OpenMeter> open_meters(const std::vector<std::string>& devices) {
  const char* folder = std::getenv("HIKAKU_POWERCAP");
  std::vector<OpenMeter> meters;
  meters.push_back(folder == nullptr ? open_rapl() : open_rapl(folder));
  for (const std::string& device : devices) {
    const int number = cuda_number(device);
    if (number >= 0) meters.push_back(open_nvml(number));
  }
  return meters;
}

}  // namespace hikaku
