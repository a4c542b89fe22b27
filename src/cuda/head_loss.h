// head_loss on the GPU: forward reads x once, backward reads it once and writes dx; logits stay in
// registers. At most 64 channels and 32 classes.
#pragma once

#include <memory>

#include "cuda/context.h"
#include "ops/head_loss.h"

namespace hikaku::cuda {

[[nodiscard]] std::unique_ptr<HeadLoss> make_head_loss(const HeadLossParams& params,
                                                       Context& context);

}  // namespace hikaku::cuda
