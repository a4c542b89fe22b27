// A convolution of f32 tensors with f32's accuracy on tensor cores: products of f16 with f32 sums.
//
// Each operand is scaled by the power of two that brings its largest magnitude to [2^14, 2^15) and
// split, x = high + low, both f16; three products are taken and low * low is left out (Ootomo and
// Yokota 2022, doi 10.1177/10943420221090256). What then becomes zero is 2^-39 of the largest.
// Tensor cores truncate when they add to a sum; so each sum of 16 channels begins at zero and is
// added to the others outside of them, rounded.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "cuda/magnitude.h"
#include "tensor/tensor.h"

namespace hikaku::cuda {

/// Of a weight in dense OIHW f32, and which way it is gone: y = conv2d(x) (ops/conv2d.h), or dx,
/// the gradient of x, from dy.
struct SplitWeight {
  std::int64_t c_out = 1, c_in = 1;
  int kernel = 3;
  bool backward = false;
};

class SplitConvolution {
 public:
  /// from, to: what run() is called with, without memory: NHWC f32, also ranges of channels; `from`
  /// may have more channels than the weight, which then meet zeros. For the current device.
  SplitConvolution(const Tensor& from, const Tensor& to, const SplitWeight& weight);

  /// Whether the current device (sm_80 and newer, 96 KiB of shared memory) and this kernel can:
  /// kernels of 1 and 3, pixels of whole 16 bytes, even channels out.
  [[nodiscard]] static bool supported(const Tensor& from, const Tensor& to,
                                      const SplitWeight& weight);

  [[nodiscard]] std::size_t split_bytes() const;  ///< to be aligned to 16 bytes
  /// Brings the weight into the form that run() reads, split_bytes() of memory; its largest
  /// magnitude must stay.
  void load_weight(const float* weight, const std::uint32_t* largest, void* split,
                   cudaStream_t stream) const;

  /// What is added to the sums, where not null: `addend`, of the form of `to`, perhaps its memory;
  /// bias [channels of to], which is followed by max(0, .).
  struct Addends {
    const float *addend = nullptr, *bias = nullptr;
  };
  /// The bits of the largest magnitudes, on the device, as scan_magnitude() leaves them. A larger
  /// one of `from` serves too, but each factor of two takes a binary order from the smallest
  /// numbers.
  struct Largest {
    const std::uint32_t *from = nullptr, *weight = nullptr;
  };
  /// Equal bits from run to run.
  void run(const void* from, const Largest& largest, const void* split, void* to,
           const Addends& addends, cudaStream_t stream) const;

 private:
  Tensor from_, to_;
  SplitWeight weight_;
};

}  // namespace hikaku::cuda
