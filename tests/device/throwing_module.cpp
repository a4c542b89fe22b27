// A module that opens nothing: device 0 has no memory left, any other one is missing.
#include "base/memory.h"
#include "device/cuda_module.h"

extern "C" hikaku::Backend* hikaku_cuda_open(const hikaku::CudaOptions* options) {
  if (options->device == 0) {
    throw hikaku::OutOfMemory("GPU memory", "one more array", 2048, 1024, "close something");
  }
  throw hikaku::Error(hikaku::ExitCode::missing, "no such GPU", "buy one");
}
