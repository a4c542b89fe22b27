// fold_batch_norm on the GPU: one block an output channel.
#pragma once

#include "cuda/context.h"
#include "ops/fold_batch_norm.h"

namespace hikaku::cuda {

void fold_batch_norm(const FoldBatchNormArgs& args, Context& context);

}  // namespace hikaku::cuda
