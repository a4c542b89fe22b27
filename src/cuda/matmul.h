// The matrix product on the GPU by cuBLASLt.
#pragma once

#include <memory>

#include "cuda/context.h"
#include "ops/matmul.h"

namespace hikaku::cuda {

/// The first run() plans: it tries every algorithm that cuBLASLt proposes on the matrices it was
/// given, which takes seconds unless the tuning file knows the best. Memory beside the matrices:
///   f32x  8 n^2 bytes (A and B as pairs of f16)
///   fp8   n^2 bytes (B transposed: tensor cores read fp8 along k only)
///   rows that are no multiple of 16 bytes: padded copies, if they are faster
/// f64, f32 (no tensor cores), f16 and bf16, the maths tf32 and f32x with f32, fp8 with f16 or
/// bf16. Throws ExitCode::usage for anything else.
[[nodiscard]] std::unique_ptr<Matmul> make_cuda_matmul(const MatmulParams& params,
                                                       Context& context);

}  // namespace hikaku::cuda
