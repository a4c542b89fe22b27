// The matrix product of the CPU.
#pragma once

#include <memory>

#include "ops/matmul.h"

namespace hikaku {

/// f32 or f64, any n >= 1, on all OpenMP threads: OpenBLAS or, from n = 2000 on a CPU with AVX-512,
/// our own kernel if a trial on a quarter of the rows finds it faster. Throws ExitCode::missing
/// without OpenBLAS, ExitCode::usage for another element type.
[[nodiscard]] std::unique_ptr<Matmul> make_cpu_matmul(const MatmulParams& params);

}  // namespace hikaku
