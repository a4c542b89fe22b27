// fold_batch_norm: in evaluation a batch norm is affine: the convolution before it can do its work.
//   scale = gamma / sqrt(running_var + eps)
//   weight'[o] = weight[o] * scale[o]
//   bias'[o] = (shift[o] - running_mean[o]) * scale[o] + beta[o]
#pragma once

#include <cstdint>

#include "ops/batch_norm.h"

namespace hikaku {

struct FoldBatchNormArgs {
  std::int64_t out_channels = 1;
  std::int64_t weights_per_channel = 1;  ///< c_in * k * k
  float eps = 1e-5f;
  const float* weight = nullptr;  ///< [out_channels, weights_per_channel]
  BatchNormState state;           ///< shift: the convolution's bias
  float* folded_weight = nullptr;
  float* folded_bias = nullptr;
};

}  // namespace hikaku
