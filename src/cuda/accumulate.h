// The weighted sum of gradients on the GPU: one pass over the flat arrays.
#pragma once

#include "cuda/context.h"
#include "ops/accumulate.h"

namespace hikaku::cuda {

void accumulate(const AccumulateArgs& args, Context& context);

}  // namespace hikaku::cuda
