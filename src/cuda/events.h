// Times of work on a stream, by the GPU's own clock.
#pragma once

#include <cuda_runtime.h>

#include "cuda/check.h"

namespace hikaku::cuda {

class Events {
 public:
  Events() {
    HIKAKU_CUDA(cudaEventCreate(&begin_));
    HIKAKU_CUDA(cudaEventCreate(&end_));
  }
  ~Events() {
    cudaEventDestroy(begin_);
    cudaEventDestroy(end_);
  }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  /// Seconds of what `work` puts on the stream; returns when it is done.
  template <class Work>
  double seconds_of(cudaStream_t stream, const Work& work) const {
    HIKAKU_CUDA(cudaEventRecord(begin_, stream));
    work();
    HIKAKU_CUDA(cudaEventRecord(end_, stream));
    HIKAKU_CUDA(cudaEventSynchronize(end_));
    float milliseconds = 0;
    HIKAKU_CUDA(cudaEventElapsedTime(&milliseconds, begin_, end_));
    return 1e-3 * static_cast<double>(milliseconds);
  }

 private:
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

}  // namespace hikaku::cuda
