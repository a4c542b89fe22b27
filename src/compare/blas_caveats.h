// What may be wrong with a product that OpenBLAS did.
#pragma once

#include <vector>

#include "cpu/blas/openblas.h"
#include "report/result.h"

namespace hikaku {

/// Kernels of an older CPU, threads of its own. Nothing unless `result` names OpenBLAS.
[[nodiscard]] std::vector<Caveat> blas_caveats(const MatmulResult& result, const OpenBlas& blas);

}  // namespace hikaku
