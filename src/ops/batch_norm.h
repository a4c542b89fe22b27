// batch_norm: batch normalisation, an optional ReLU behind it and an optional 2x2 max-pool behind
// that, in one op, because on every device they are one pass over memory.
//   training:    m, v = mean and biased variance of z over n, h, w
//                y = gamma * (z - m) / sqrt(v + eps) + beta;  ReLU;  pooled = max of 2x2, stride 2
//                running_mean += momentum * (m + shift - running_mean), running_var likewise with
//                the unbiased variance n*h*w / (n*h*w - 1) * v
// Ioffe & Szegedy, "Batch Normalization" (2015). `shift` is the bias of the convolution before: it
// cannot change y, has the gradient zero, and so is never added to z, only to the running mean.
// The pool takes the first maximum in scan order and drops a last odd row or column, as torch.
#pragma once

#include "tensor/tensor.h"

namespace hikaku {

struct BatchNormParams {
  Shape shape;
  bool relu = true;
  bool pool = false;
  float eps = 1e-5f;
  float momentum = 0.1f;

  [[nodiscard]] Shape pooled() const { return {shape.n, shape.c, shape.h / 2, shape.w / 2}; }
};
void validate(const BatchNormParams& params);

/// The arrays of one batch norm on the device, each [c]. `shift` may be null.
struct BatchNormState {
  const float* gamma = nullptr;
  const float* beta = nullptr;
  const float* shift = nullptr;
  float* running_mean = nullptr;
  float* running_var = nullptr;
};

/// What the forward pass keeps for the backward pass, each [c]; the planner owns the memory.
struct BatchNormSaved {
  float* mean = nullptr;
  float* inverse_deviation = nullptr;  ///< 1 / sqrt(v + eps)
};

class BatchNorm {
 public:
  virtual ~BatchNorm() = default;

  /// `pooled` is read only with params.pool; y may be a slice of channels.
  virtual void forward(const Tensor& z, const BatchNormState& state, const BatchNormSaved& saved,
                       const Tensor& y, const Tensor& pooled) = 0;
  /// From the gradients of y and of pooled to dz, dgamma and dbeta (overwritten). ReLU's mask and
  /// the pool's maxima are found again from z, so nothing else is kept. dz may be the memory of z
  /// or dy.
  virtual void backward(const Tensor& z, const BatchNormState& state, const BatchNormSaved& saved,
                        const Tensor& dy, const Tensor& dpooled, float* dgamma, float* dbeta,
                        const Tensor& dz) = 0;
};

}  // namespace hikaku
