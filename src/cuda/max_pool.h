// max_pool on the GPU: one pass, a thread takes the vectors of one 2x2 window.
#pragma once

#include <memory>

#include "cuda/context.h"
#include "ops/max_pool.h"

namespace hikaku::cuda {

[[nodiscard]] std::unique_ptr<MaxPool> make_max_pool(const MaxPoolParams& params, Context& context);

}  // namespace hikaku::cuda
