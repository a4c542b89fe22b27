// up_block: the decoder's way up, four layers as one op:
//   u = bilinear x2 of x, align_corners = true
//   v = batch_norm1(u)                     (training statistics over n, 2h, 2w)
//   s = conv2d(v, weight, bias), 2x2 'same'    (pads one row below and one column right)
//   y = batch_norm2(s)                     (no ReLU)
// It is one op because all of it up to y can be computed at the low resolution (docs/up-block.md),
// so that the large map u, the widest of the whole network, is never formed.
#pragma once

#include "ops/batch_norm.h"
#include "tensor/tensor.h"

namespace hikaku {

struct UpBlockParams {
  Shape input;                    ///< n, c_in, h, w at the low resolution
  std::int64_t out_channels = 1;  ///< c_out
  std::int64_t channel_unit = 0;  ///< as Conv2dParams::channel_unit
  float eps = 1e-5f;
  float momentum = 0.1f;

  [[nodiscard]] Shape output() const { return {input.n, out_channels, 2 * input.h, 2 * input.w}; }
  [[nodiscard]] std::int64_t weight_count() const { return out_channels * input.c * 4; }
};
void validate(const UpBlockParams& params);

/// Weights and state on the device; `bias` is batch_norm2's shift.
struct UpBlockState {
  BatchNormState norm1;           ///< [c_in]
  const float* weight = nullptr;  ///< OIHW [c_out, c_in, 2, 2]
  BatchNormState norm2;           ///< [c_out], shift = the convolution's bias
};

struct UpBlockGradients {
  float* gamma1 = nullptr;
  float* beta1 = nullptr;
  float* weight = nullptr;
  float* gamma2 = nullptr;
  float* beta2 = nullptr;
};

class UpBlock {
 public:
  virtual ~UpBlock() = default;

  /// Training. y may be a slice of channels. What backward needs is kept in `workspace`.
  virtual void forward(const Tensor& x, const UpBlockState& state, const Tensor& y,
                       void* workspace) = 0;
  /// Evaluation: both batch norms use their running statistics. The weights of `state` are read by
  /// load_for_inference alone, once after each change.
  virtual void load_for_inference(const UpBlockState& state) = 0;
  virtual void infer(const Tensor& x, const Tensor& y, void* workspace) = 0;
  /// From dy to dx and the gradients (overwritten); dx may be the memory of x.
  virtual void backward(const Tensor& x, const UpBlockState& state, const Tensor& dy,
                        const UpBlockGradients& gradients, const Tensor& dx, void* workspace) = 0;
  /// Bytes of `workspace`, which must stay untouched between forward and backward.
  [[nodiscard]] virtual std::size_t workspace_bytes() const = 0;
};

}  // namespace hikaku
