#include "cuda/adam.h"

#include <algorithm>
#include <cmath>

#include "cuda/vector.cuh"

namespace hikaku::cuda {
namespace {

constexpr int threads = 256;
constexpr int good_steps_until_doubled = 2000;
constexpr float largest_scale = 16777216.0f;  // 2^24

struct Factors {
  float rate, inverse_root, b1, rest1, b2, rest2, eps, decay;
};

Factors factors_of(const AdamParams& params, std::int64_t step) {
  const auto t = static_cast<double>(step);
  const double correction1 = 1 - std::pow(params.beta1, t);
  const double correction2 = 1 - std::pow(params.beta2, t);
  return {static_cast<float>(params.learning_rate / correction1),
          static_cast<float>(1 / std::sqrt(correction2)),
          static_cast<float>(params.beta1),
          static_cast<float>(1 - params.beta1),
          static_cast<float>(params.beta2),
          static_cast<float>(1 - params.beta2),
          static_cast<float>(params.eps),
          static_cast<float>(params.weight_decay)};
}

template <int N>
__device__ void update(const Factors& f, const AdamArrays& arrays, std::int64_t i) {
  auto p = load<N>(arrays.parameter + i);
  auto m = load<N>(arrays.first_moment + i);
  auto v = load<N>(arrays.second_moment + i);
  const auto gradient = load<N>(arrays.gradient + i);
#pragma unroll
  for (int k = 0; k < N; ++k) {
    const float g = gradient.value[k] + f.decay * p.value[k];
    m.value[k] = f.b1 * m.value[k] + f.rest1 * g;
    v.value[k] = f.b2 * v.value[k] + f.rest2 * g * g;
    p.value[k] -= f.rate * m.value[k] / (sqrtf(v.value[k]) * f.inverse_root + f.eps);
  }
  store(arrays.parameter + i, p);
  store(arrays.first_moment + i, m);
  store(arrays.second_moment + i, v);
}

/// Vectors of N from the first to the last whole one, then what is left one by one.
template <int N>
__global__ void __launch_bounds__(threads)
    adam_step(Factors factors, AdamArrays arrays, const LossValue* loss, const LossScale* scale) {
  if (loss != nullptr && !isfinite(loss->total)) return;
  if (scale != nullptr && scale->overflow != 0) return;
  const std::int64_t thread = static_cast<std::int64_t>(blockIdx.x) * threads + threadIdx.x;
  const std::int64_t all = static_cast<std::int64_t>(gridDim.x) * threads;
  const std::int64_t whole = arrays.count / N * N;
  for (std::int64_t i = thread * N; i < whole; i += all * N) update<N>(factors, arrays, i);
  if (whole + thread < arrays.count) update<1>(factors, arrays, whole + thread);
}

/// overflow = 1 if a gradient is not finite; blocks that find one all write the same.
template <int N>
__global__ void __launch_bounds__(threads)
    find_overflow(const float* gradient, std::int64_t count, LossScale* scale) {
  const std::int64_t thread = static_cast<std::int64_t>(blockIdx.x) * threads + threadIdx.x;
  const std::int64_t all = static_cast<std::int64_t>(gridDim.x) * threads;
  const std::int64_t whole = count / N * N;
  bool found = false;
  for (std::int64_t i = thread * N; i < whole; i += all * N) {
    const auto pack = load<N>(gradient + i);
#pragma unroll
    for (int k = 0; k < N; ++k) found |= !isfinite(pack.value[k]);
  }
  if (whole + thread < count) found |= !isfinite(gradient[whole + thread]);
  if (__syncthreads_or(found) != 0 && threadIdx.x == 0) scale->overflow = 1;
}

/// Powers of two only, so that scaling rounds nothing. A loss that is not finite ends the training
/// and says nothing about the scale.
__global__ void adapt_scale(const LossValue* loss, LossScale* scale) {
  const bool overflow = scale->overflow != 0;
  scale->overflow = 0;
  if (loss != nullptr && !isfinite(loss->total)) return;
  float next = scale->scale;
  scale->good_steps = overflow ? 0 : scale->good_steps + 1;
  if (overflow) {
    next = fmaxf(next * 0.5f, 1.0f);
  } else if (scale->good_steps >= good_steps_until_doubled) {
    scale->good_steps = 0;
    next = fminf(next * 2.0f, largest_scale);
  }
  scale->scale = next;
  scale->inverse = 1.0f / next;
}

bool aligned(const AdamArrays& arrays) {
  for (const void* array :
       {static_cast<const void*>(arrays.parameter), static_cast<const void*>(arrays.gradient),
        static_cast<const void*>(arrays.first_moment),
        static_cast<const void*>(arrays.second_moment)}) {
    if (reinterpret_cast<std::uintptr_t>(array) % 16 != 0) return false;
  }
  return true;
}

template <int N>
void run(const AdamParams& params, std::int64_t step, const AdamArrays& arrays,
         const LossValue* loss, const Context& context) {
  // A block at least: its threads also do what is left behind the last vector.
  const std::int64_t useful = arrays.count / N / threads + 1;
  const auto grid = static_cast<unsigned>(
      std::min<std::int64_t>(useful, std::int64_t{8} * context.multiprocessors));
  LossScale* scale = context.precision == Precision::f16 ? context.loss_scale : nullptr;
  if (scale != nullptr) {
    find_overflow<N><<<grid, threads, 0, context.stream>>>(arrays.gradient, arrays.count, scale);
  }
  adam_step<N><<<grid, threads, 0, context.stream>>>(factors_of(params, step), arrays, loss, scale);
  if (scale != nullptr) adapt_scale<<<1, 1, 0, context.stream>>>(loss, scale);
}

}  // namespace

void adam(const AdamParams& params, std::int64_t step, const AdamArrays& arrays,
          const LossValue* loss, Context& context) {
  if (aligned(arrays)) {
    run<4>(params, step, arrays, loss, context);
  } else {
    run<1>(params, step, arrays, loss, context);
  }
  HIKAKU_CUDA(cudaGetLastError());
}

}  // namespace hikaku::cuda
