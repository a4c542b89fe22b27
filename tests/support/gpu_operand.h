// Operands of kernels that are tested alone: NHWC arrays of the host and their copies on a GPU.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "cuda/check.h"
#include "tensor/tensor.h"

namespace hikaku::cuda {

/// Memory of the GPU with a copy of `host`.
template <class T>
class OnGpu {
 public:
  explicit OnGpu(const std::vector<T>& host) {
    HIKAKU_CUDA(cudaMalloc(&data_, host.size() * sizeof(T)));
    HIKAKU_CUDA(cudaMemcpy(data_, host.data(), host.size() * sizeof(T), cudaMemcpyDefault));
  }
  ~OnGpu() { cudaFree(data_); }
  OnGpu(const OnGpu&) = delete;
  OnGpu& operator=(const OnGpu&) = delete;

  [[nodiscard]] T* get() const { return data_; }

 private:
  T* data_ = nullptr;
};

/// NHWC, with `around` channels of garbage behind each pixel's.
struct Operand {
  Tensor tensor;
  std::vector<float> values;

  Operand(const Shape& shape, std::int64_t around) {
    Shape whole = shape;
    whole.c += around;
    tensor = {nullptr, DType::f32, shape, Layout::nhwc(whole)};
    tensor.layout.block = shape.c;
    values.assign(static_cast<std::size_t>(whole.count()), std::numeric_limits<float>::quiet_NaN());
  }
  float& at(std::int64_t n, std::int64_t c, std::int64_t i, std::int64_t j) {
    return values[static_cast<std::size_t>(tensor.layout.at(n, c, i, j))];
  }
  template <class Make>
  void fill(const Make& make) {
    const Shape& s = tensor.shape;
    for (std::int64_t n = 0; n < s.n; ++n) {
      for (std::int64_t i = 0; i < s.h; ++i) {
        for (std::int64_t j = 0; j < s.w; ++j) {
          for (std::int64_t c = 0; c < s.c; ++c) at(n, c, i, j) = make();
        }
      }
    }
  }
};

inline Shape with_channels(Shape shape, std::int64_t channels) {
  shape.c = channels;
  return shape;
}

}  // namespace hikaku::cuda
