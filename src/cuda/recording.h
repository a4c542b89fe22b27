// Launches of kernels, recorded once as a graph of CUDA.
#pragma once

#include <functional>
#include <memory>

#include "cuda/context.h"

namespace hikaku::cuda {

/// Calls `work` once, without effects. Nothing in it may allocate or wait.
[[nodiscard]] std::unique_ptr<Recording> record(const std::function<void()>& work,
                                                Context& context);

}  // namespace hikaku::cuda
