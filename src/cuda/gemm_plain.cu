#include "cuda/gemm.h"
#include "cuda/vector.cuh"

namespace hikaku::cuda {
namespace {

constexpr unsigned side = 16;

/// A thread computes one element.
template <class In, class Out>
__global__ void multiply(GemmProblem problem, GemmMemory memory, float factor) {
  const std::int64_t column = static_cast<std::int64_t>(blockIdx.y) * side + threadIdx.x;
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * side + threadIdx.y;
  if (row >= problem.m || column >= problem.n) return;
  const std::int64_t step_a = problem.stride_a, step_b = problem.stride_b;
  const In* a = static_cast<const In*>(memory.a) + row * (problem.transpose_a ? 1 : step_a);
  const In* b = static_cast<const In*>(memory.b) + column * (problem.transpose_b ? step_b : 1);
  const std::int64_t along_a = problem.transpose_a ? step_a : 1;
  const std::int64_t along_b = problem.transpose_b ? 1 : step_b;
  float sum = 0;
  for (std::int64_t i = 0; i < problem.k; ++i) {
    sum = fmaf(to_float(a[i * along_a]), to_float(b[i * along_b]), sum);
  }
  sum *= factor;
  const std::int64_t at = row * problem.stride_c + column;
  if (problem.adds) sum += to_float(static_cast<const Out*>(memory.addend)[at]);
  static_cast<Out*>(memory.c)[at] = from_float<Out>(sum);
}

}  // namespace

void plain_gemm(const GemmProblem& problem, const GemmMemory& memory, float factor,
                cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>((problem.m + side - 1) / side),
                  static_cast<unsigned>((problem.n + side - 1) / side));
  GemmProblem explicit_steps = problem;
  explicit_steps.stride_a = problem.step_a();
  explicit_steps.stride_b = problem.step_b();
  explicit_steps.stride_c = problem.step_c();
  dispatch_type(problem.input, [&]<class In>() {
    dispatch_type(problem.output, [&]<class Out>() {
      multiply<In, Out><<<grid, dim3(side, side), 0, stream>>>(explicit_steps, memory, factor);
    });
  });
  HIKAKU_CUDA(cudaGetLastError());
}

}  // namespace hikaku::cuda
