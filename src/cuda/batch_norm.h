// batch_norm on the GPU: a pass for the sums, one kernel that finishes them, a pass that applies
// them; forward reads z twice and writes y once, backward reads z and dy twice and writes dz once.
#pragma once

#include <memory>

#include "cuda/context.h"
#include "ops/batch_norm.h"

namespace hikaku::cuda {

[[nodiscard]] std::unique_ptr<BatchNorm> make_batch_norm(const BatchNormParams& params,
                                                         Context& context);

}  // namespace hikaku::cuda
