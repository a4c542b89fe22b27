// The GPU as a device of the planner.
#pragma once

#include <memory>

#include "device/cuda_module.h"

namespace hikaku::cuda {

/// Throws as open_cuda() does.
[[nodiscard]] std::unique_ptr<Backend> make_backend(const CudaOptions& options);

}  // namespace hikaku::cuda
