// The three matrix products of up_block, by cuBLASLt, or, in f32x, by our own kernels.
#pragma once

#include <memory>

#include "cuda/context.h"
#include "ops/up_block.h"

namespace hikaku::cuda {

/// With M = 4 * c_out maps: folded [M, c_in], in the activation type, is the weight; x [pixels,
/// c_in] and maps [pixels, M] are NHWC. `scratch`: scratch_bytes() of memory. All on
/// Context::stream.
class UpProducts {
 public:
  virtual ~UpProducts() = default;
  /// After each change of the weight, which must stay where it is.
  virtual void load(const void* folded) = 0;
  /// maps = x folded'
  virtual void forward(const Tensor& x, void* maps, void* scratch) = 0;
  /// product [M, c_in], f32 = dmaps' x
  virtual void backward_weight(const Tensor& x, const void* dmaps, float* product,
                               void* scratch) = 0;
  /// dx = dmaps folded + part
  virtual void backward_data(const void* dmaps, const void* part, void* dx, void* scratch) = 0;
  [[nodiscard]] virtual std::size_t scratch_bytes() const = 0;
};

[[nodiscard]] std::unique_ptr<UpProducts> make_up_products(const UpBlockParams& params, ConvUse use,
                                                           Context& context);

}  // namespace hikaku::cuda
