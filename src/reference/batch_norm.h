// batch_norm in double, by the formulas in ops/batch_norm.h, with its optional ReLU and max-pool.
// With xhat = (z - m) / sqrt(v + eps), g = the gradient behind the ReLU's mask and N = n*h*w:
//   dgamma = sum g * xhat,   dbeta = sum g
//   dz = gamma / sqrt(v + eps) * (g - dbeta / N - xhat * dgamma / N)
#pragma once

#include "ops/batch_norm.h"
#include "reference/arrays.h"

namespace hikaku::reference {

/// Each [c]; an empty shift counts as zero, empty running statistics are not updated.
struct BatchNormArrays {
  In gamma, beta, shift;
  Out running_mean, running_var;
};

/// What forward leaves for backward, each [c].
struct BatchNormSaves {
  Out mean, inverse_deviation;
};

/// Training. `pooled` is used only with params.pool, here and below.
void batch_norm_forward(const BatchNormParams& params, In z, const BatchNormArrays& arrays,
                        const BatchNormSaves& saves, Out y, Out pooled);
/// Evaluation: with the running statistics, y = gamma * (z + shift - mean) / sqrt(var + eps) +
/// beta.
void batch_norm_infer(const BatchNormParams& params, In z, const BatchNormArrays& arrays, Out y,
                      Out pooled);
void batch_norm_backward(const BatchNormParams& params, In z, const BatchNormArrays& arrays,
                         const BatchNormSaves& saves, In dy, In dpooled, Out dgamma, Out dbeta,
                         Out dz);

}  // namespace hikaku::reference
