#include <algorithm>

#include "cuda/accumulate.h"
#include "cuda/check.h"

namespace hikaku::cuda {
namespace {

constexpr int threads = 256;

__global__ void __launch_bounds__(threads) accumulate_kernel(AccumulateArgs args) {
  const std::int64_t all = static_cast<std::int64_t>(gridDim.x) * threads;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * threads + threadIdx.x;
       i < args.count; i += all) {
    const float before = args.first ? 0.0f : args.sum[i];
    args.sum[i] = before + args.scale * args.gradient[i];
  }
}

}  // namespace

void accumulate(const AccumulateArgs& args, Context& context) {
  const std::int64_t useful = (args.count + threads - 1) / threads;
  const auto grid = static_cast<unsigned>(
      std::min<std::int64_t>(useful, std::int64_t{8} * context.multiprocessors));
  if (grid > 0) accumulate_kernel<<<grid, threads, 0, context.stream>>>(args);
  HIKAKU_CUDA(cudaGetLastError());
}

}  // namespace hikaku::cuda
