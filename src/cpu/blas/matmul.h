// The matrix product of the CPU.
#pragma once

#include <memory>

#include "ops/matmul.h"

namespace hikaku {

/// f32 or f64, any n >= 1, on all OpenMP threads. Throws ExitCode::usage for another element type.
[[nodiscard]] std::unique_ptr<Matmul> make_cpu_matmul(const MatmulParams& params);

}  // namespace hikaku
