// up_block in double, as the four layers of ops/up_block.h one after the other: upsample, batch
// norm, 2x2 convolution with its bias, batch norm.
#pragma once

#include <vector>

#include "ops/up_block.h"
#include "reference/batch_norm.h"

namespace hikaku::reference {

struct UpBlockArrays {
  BatchNormArrays norm1;  ///< [c_in], no shift
  In weight;              ///< OIHW [c_out, c_in, 2, 2]
  In bias;                ///< [c_out]
  BatchNormArrays norm2;  ///< [c_out], no shift: the bias is really added here
};

struct UpBlockGradientArrays {
  Out gamma1, beta1, weight, bias, gamma2, beta2;
};

/// The maps between the layers, filled by forward for backward.
struct UpBlockTrace {
  std::vector<double> u, v, s;  ///< u, v: [n, c_in, 2h, 2w]; s: [n, c_out, 2h, 2w]
  std::vector<double> mean1, inverse_deviation1, mean2, inverse_deviation2;

  explicit UpBlockTrace(const UpBlockParams& params);
  [[nodiscard]] BatchNormSaves saves1() { return {mean1, inverse_deviation1}; }
  [[nodiscard]] BatchNormSaves saves2() { return {mean2, inverse_deviation2}; }
};

void up_block_forward(const UpBlockParams& params, In x, const UpBlockArrays& arrays,
                      UpBlockTrace& trace, Out y);
void up_block_infer(const UpBlockParams& params, In x, const UpBlockArrays& arrays, Out y);
void up_block_backward(const UpBlockParams& params, const UpBlockArrays& arrays,
                       UpBlockTrace& trace, In dy, const UpBlockGradientArrays& gradients, Out dx);

}  // namespace hikaku::reference
