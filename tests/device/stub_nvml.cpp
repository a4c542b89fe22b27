// In place of libnvidia-ml.so.1: says that the stub of a driver's GPU may run at 1.98 GHz and takes
// 100 W by its counter of energy. HIKAKU_STUB_NVML:
//   power   no such counter, but samples of 250 W
//   nothing neither of them
//   still   a counter that does not move
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

constexpr int not_supported = 3;

bool chosen(std::string_view name) {
  const char* value = std::getenv("HIKAKU_STUB_NVML");
  return value != nullptr && name == value;
}

}  // namespace

extern "C" {

int nvmlInit_v2() { return 0; }
int nvmlDeviceGetHandleByPciBusId_v2(const char* bus, void** device) {
  *device = nullptr;
  return std::strcmp(bus, "0000:01:00.0") == 0 ? 0 : 6;
}
int nvmlDeviceGetMaxClockInfo(void*, int type, unsigned* megahertz) {
  *megahertz = type == 1 ? 1980 : 0;
  return 0;
}
int nvmlDeviceGetTotalEnergyConsumption(void*, unsigned long long* millijoules) {
  if (chosen("power") || chosen("nothing")) return not_supported;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const double seconds = std::chrono::duration<double>(now).count();
  *millijoules = chosen("still") ? 1 : static_cast<unsigned long long>(1e5 * seconds);
  return 0;
}
int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
  *milliwatts = 250'000;
  return chosen("nothing") ? not_supported : 0;
}
}
