#include "compare/blas_caveats.h"

#include <fmt/core.h>

namespace hikaku {

std::vector<Caveat> blas_caveats(const MatmulResult& result, const OpenBlas& blas) {
  std::vector<Caveat> found;
  if (!result.implementation.starts_with("OpenBLAS")) return found;
  const std::string subject = fmt::format("matmul {} on {}", result.dtype, result.device);
  if (!openblas_core_suits(blas.core, blas.expected_core)) {
    found.push_back(make_caveat(CaveatId::blas_misdetected, subject));
  }
  if (!blas.openmp) found.push_back(make_caveat(CaveatId::blas_own_threads, subject));
  return found;
}

}  // namespace hikaku
