// Adam on the GPU: one pass over the flat arrays. In f16 the gradients are looked at first: one
// that is not finite leaves all arrays as they are and halves the loss scale (dynamic loss scaling,
// Micikevicius et al., "Mixed Precision Training", 2018).
#pragma once

#include <cstdint>

#include "cuda/context.h"
#include "ops/adam.h"
#include "ops/head_loss.h"

namespace hikaku::cuda {

void adam(const AdamParams& params, std::int64_t step, const AdamArrays& arrays,
          const LossValue* loss, Context& context);

}  // namespace hikaku::cuda
