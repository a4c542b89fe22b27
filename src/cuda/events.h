// Times of work on a stream, by the GPU's own clock.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>

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

  /// Of one of `count` calls of `work`.
  template <class Work>
  double seconds_of(cudaStream_t stream, int count, const Work& work) const {
    return seconds_of(stream,
                      [&] {
                        for (int i = 0; i < count; ++i) (void)work();
                      }) /
           count;
  }

  /// Of one call of `work`, which was called before: one alone, then the best of some groups of a
  /// few milliseconds. One that takes twice `best` is given up early.
  template <class Work>
  double steady_seconds_of(cudaStream_t stream, double best, const Work& work) const {
    constexpr double group_seconds = 3e-3, most_runs = 20;
    constexpr int groups = 3;
    double seconds = seconds_of(stream, work);
    if (seconds > group_seconds) return seconds;  // long enough for a clock's noise to be nothing
    const auto count = static_cast<int>(std::clamp(group_seconds / seconds, 1.0, most_runs));
    for (int group = 0; group < groups && seconds <= 2 * best; ++group) {
      seconds = std::min(seconds, seconds_of(stream, count, work));
    }
    return seconds;
  }

 private:
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

}  // namespace hikaku::cuda
