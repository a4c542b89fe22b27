#include "cpu/accumulate.h"

namespace hikaku::cpu {

void accumulate(const AccumulateArgs& args) {
  const float* __restrict gradient = args.gradient;
  float* __restrict sum = args.sum;
  const float scale = args.scale;
  if (args.first) {  // NOLINT(bugprone-branch-clone): pragmas hide the loops from the check
#pragma omp parallel for simd schedule(static)
    for (std::int64_t i = 0; i < args.count; ++i) sum[i] = scale * gradient[i];
  } else {
#pragma omp parallel for simd schedule(static)
    for (std::int64_t i = 0; i < args.count; ++i) sum[i] += scale * gradient[i];
  }
}

}  // namespace hikaku::cpu
