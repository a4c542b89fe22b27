// The one door into libhikaku_cuda.so (device/cuda_module.h).
#include "cuda/backend.h"

extern "C" hikaku::Backend* hikaku_cuda_open(const hikaku::CudaOptions* options) {
  return hikaku::cuda::make_backend(*options).release();
}
