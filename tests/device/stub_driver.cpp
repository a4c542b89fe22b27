// In place of libcuda.so.1: a driver with HIKAKU_STUB_GPUS GPUs (1), or what HIKAKU_STUB_DRIVER
// says cuInit returns (100: no device, ...). HIKAKU_STUB_CUDA: the CUDA that it supports, 12040
// for 12.4. HIKAKU_STUB_MINOR: of its compute capability, 9.0 without.
#include <cstdlib>
#include <cstring>

extern "C" {

int cuInit(unsigned) {
  const char* status = std::getenv("HIKAKU_STUB_DRIVER");
  return status == nullptr ? 0 : std::atoi(status);
}
int cuDeviceGetCount(int* count) {
  const char* gpus = std::getenv("HIKAKU_STUB_GPUS");
  *count = gpus == nullptr ? 1 : std::atoi(gpus);
  return 0;
}
int cuDeviceGet(int* device, int ordinal) {
  *device = ordinal;
  return 0;
}
int cuDeviceGetName(char* name, int bytes, int) {
  std::strncpy(name, "A stub of a GPU", static_cast<std::size_t>(bytes) - 1);
  return 0;
}
int cuDeviceTotalMem_v2(std::size_t* bytes, int) {
  *bytes = std::size_t{8} << 30;
  return 0;
}
int cuDeviceGetAttribute(int* value, int attribute, int) {
  constexpr int clock_khz = 13, multiprocessors = 16, capability_major = 75, capability_minor = 76;
  const char* minor = std::getenv("HIKAKU_STUB_MINOR");
  *value = attribute == clock_khz          ? 1'830'000
           : attribute == multiprocessors  ? 132
           : attribute == capability_major ? 9
           : attribute == capability_minor ? (minor == nullptr ? 0 : std::atoi(minor))
                                           : 0;
  return 0;
}
int cuDeviceGetPCIBusId(char* bus, int bytes, int) {
  std::strncpy(bus, "0000:01:00.0", static_cast<std::size_t>(bytes) - 1);
  return 0;
}
int cuDriverGetVersion(int* version) {
  const char* supported = std::getenv("HIKAKU_STUB_CUDA");
  *version = supported == nullptr ? 13000 : std::atoi(supported);
  return 0;
}
}
