// The gradient of a convolution's weight on tensor cores, of f32 tensors, by products of f16 with
// f32 sums: as exact as tf32 and at f16's rate, or as exact as f32 at a third of it.
//
// f16 has tf32's 10 stored bits of mantissa but fewer exponents, so each tensor is scaled by the
// power of two that brings its largest magnitude to [2^14, 2^15): what then becomes zero is 2^-39
// of the largest. Three products give f32's digits: x = high + low, both f16, and low * low is
// left out (Ootomo and Yokota 2022, doi 10.1177/10943420221090256).
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "cuda/magnitude.h"
#include "tensor/tensor.h"

namespace hikaku::cuda {

struct LossScale;

/// Where three products keep the sums that must not grow long: in shared memory, where it has room
/// for them (222 KiB of a block), else in global memory.
enum class LongSums : std::uint8_t { where_they_fit, global };

class WeightGradient {
 public:
  /// x, dy: what run() is called with, without memory: NHWC f32, also ranges of channels; kernel:
  /// 1, 2 or 3 as in ops/conv2d.h. products: 1 (tf32's digits) or 3 (f32's). For the current
  /// device.
  WeightGradient(const Tensor& x, const Tensor& dy, int kernel, int products,
                 LongSums sums = LongSums::where_they_fit);

  /// Whether the current device (sm_80 and newer) and this kernel can: channels by eights, pixels
  /// of whole 16 bytes.
  [[nodiscard]] static bool supported(const Tensor& x, const Tensor& dy, int kernel, int products);

  [[nodiscard]] std::size_t workspace_bytes() const;  ///< to be aligned to 16 bytes

  /// dw = dense OIHW f32, times scale->inverse (on the device; null: 1). Equal bits from run to
  /// run. Where x and dy have no Tensor::largest, it finds them itself, a pass over each.
  void run(const Tensor& x, const Tensor& dy, float* dw, void* workspace, const LossScale* scale,
           cudaStream_t stream) const;

  /// The bits of the largest magnitudes, on the device, as scan_magnitude() leaves them. Larger
  /// ones serve too, but each factor of two takes a binary order from the smallest numbers.
  struct Largest {
    const std::uint32_t *x = nullptr, *dy = nullptr;
  };
  void run(const void* x, const void* dy, const Largest& largest, float* dw, void* workspace,
           const LossScale* scale, cudaStream_t stream) const;

 private:
  [[nodiscard]] std::int64_t blocks() const;
  [[nodiscard]] std::size_t partial_bytes() const;

  Tensor x_, dy_;
  int kernel_, products_, splits_ = 1;
  bool far_;
};

}  // namespace hikaku::cuda
