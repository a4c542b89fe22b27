// up_block's weight, OIHW [c_out, c_in, 2, 2], and its product form [4 * c_out, c_in] with the rows
// ordered (tap, c_out).
#pragma once

#include "cuda/up_block_finish.cuh"

namespace hikaku::cuda {

constexpr int fold_threads = 256;

/// The four taps of one pair of channels; parameters need not lie at a multiple of 16 bytes.
__device__ inline float4 load_taps(const float* from, bool aligned) {
  if (aligned) return *reinterpret_cast<const float4*>(from);
  return {from[0], from[1], from[2], from[3]};
}
__device__ inline void store_taps(float* to, bool aligned, const float4& taps) {
  if (aligned) {
    *reinterpret_cast<float4*>(to) = taps;
    return;
  }
  to[0] = taps.x, to[1] = taps.y, to[2] = taps.z, to[3] = taps.w;
}
__device__ inline bool is_aligned(const float* data) {
  return reinterpret_cast<std::uintptr_t>(data) % sizeof(float4) == 0;
}

/// One block an output channel. What the product makes of the mean of x is subtracted by the
/// border's constants, so it counts with the weights as they were rounded:
///   border = W beta1 - (W scale1) mean1,   centre = (W scale1) mean1,   level = sum of W beta1
/// and the border of tap (0, 0), which is inside everywhere, is less the level.
template <class T>
__global__ void __launch_bounds__(fold_threads)
    fold_weight(UpPlan plan, const float* weight, const float* beta1, T* folded) {
  const int o = static_cast<int>(blockIdx.x), lane = static_cast<int>(threadIdx.x) % warp_size;
  const bool aligned = is_aligned(weight);
  const UpArrays& arrays = plan.arrays;
  double sums[2 * up_taps] = {};  // W beta1, then (W scale1) mean1
  for (int c = static_cast<int>(threadIdx.x); c < plan.c_in; c += fold_threads) {
    const std::int64_t from = (static_cast<std::int64_t>(o) * plan.c_in + c) * up_taps;
    const float4 loaded = load_taps(weight + from, aligned);
    const float taps[up_taps] = {loaded.x, loaded.y, loaded.z, loaded.w};
    const float scale = arrays.scale1[c], mean = arrays.mean1[c], beta = beta1[c];
#pragma unroll
    for (int tap = 0; tap < up_taps; ++tap) {
      const T rounded = from_float<T>(taps[tap] * scale);
      folded[(static_cast<std::int64_t>(tap) * plan.c_out + o) * plan.c_in + c] = rounded;
      sums[tap] += static_cast<double>(taps[tap]) * static_cast<double>(beta);
      sums[up_taps + tap] += static_cast<double>(to_float(rounded)) * static_cast<double>(mean);
    }
  }
  __shared__ double shared[fold_threads / warp_size][2 * up_taps];
#pragma unroll
  for (int k = 0; k < 2 * up_taps; ++k) {
    for (int lanes = 1; lanes < warp_size; lanes *= 2) {
      sums[k] += __shfl_xor_sync(all_lanes, sums[k], lanes);
    }
    if (lane == 0) shared[threadIdx.x / warp_size][k] = sums[k];
  }
  __syncthreads();
  if (threadIdx.x != 0) return;
  for (int k = 0; k < 2 * up_taps; ++k) {
    sums[k] = 0;
    for (const auto& warp : shared) sums[k] += warp[k];
  }
  const auto level = static_cast<float>(sums[0] + sums[1] + sums[2] + sums[3]);
  arrays.level[o] = level;
  for (int tap = 0; tap < up_taps; ++tap) {
    const double less = tap == 0 ? static_cast<double>(level) : 0.0;
    arrays.border[tap * plan.c_out + o] =
        static_cast<float>(sums[tap] - sums[up_taps + tap] - less);
    arrays.centre[tap * plan.c_out + o] = static_cast<float>(sums[up_taps + tap]);
  }
}

/// dW = scale1 (product - mean1 D 1) + beta1 R, which is scale1 * product + R t; and by input
/// channel the sums of W R and of W (product - mean1 D 1), [splits, 2, c_in]. D 1 is R, but for the
/// rounding of D; with x's mean many deviations from zero, only its own sum takes the mean off.
static __global__ void unfold_gradient(UpPlan plan, const float* product, const float* weight,
                                       const float* beta1, float* dweight) {
  const int c = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const bool aligned = is_aligned(weight), out_aligned = is_aligned(dweight);
  const auto true_part = static_cast<double>(plan.loss_scale->inverse);
  const UpArrays& arrays = plan.arrays;
  double sums[2] = {};
  for (int o = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
       o < plan.c_out && c < plan.c_in; o += static_cast<int>(gridDim.y * blockDim.y)) {
    const std::int64_t at = (static_cast<std::int64_t>(o) * plan.c_in + c) * up_taps;
    const float4 loaded = load_taps(weight + at, aligned);
    const float taps[up_taps] = {loaded.x, loaded.y, loaded.z, loaded.w};
    const auto scale = static_cast<double>(arrays.scale1[c]);
    const auto mean = static_cast<double>(arrays.mean1[c]), beta = static_cast<double>(beta1[c]);
    float out[up_taps];
#pragma unroll
    for (int tap = 0; tap < up_taps; ++tap) {
      const int row = tap * plan.c_out + o;
      const auto inside = static_cast<double>(arrays.taps[row]);
      const double centred =
          static_cast<double>(product[static_cast<std::int64_t>(row) * plan.c_in + c]) -
          mean * static_cast<double>(arrays.sent_sums[row]);
      out[tap] = static_cast<float>((scale * centred + beta * inside) * true_part);
      sums[0] += static_cast<double>(taps[tap]) * inside;
      sums[1] += static_cast<double>(taps[tap]) * centred;
    }
    store_taps(dweight + at, out_aligned, {out[0], out[1], out[2], out[3]});
  }
  __shared__ double shared[2][sweep_threads / warp_size][warp_size];
  shared[0][threadIdx.y][threadIdx.x] = sums[0];
  shared[1][threadIdx.y][threadIdx.x] = sums[1];
  __syncthreads();
  if (threadIdx.y >= 2 || c >= plan.c_in) return;
  double sum = 0;
  for (const auto& line : shared[threadIdx.y]) sum += line[threadIdx.x];
  plan.weight_partial[(static_cast<std::int64_t>(blockIdx.y) * 2 + threadIdx.y) * plan.c_in + c] =
      sum;
}

/// <Gx, x - mean> needs no pass over Gx = sum of W' D: it is <W, D (x - mean)'>.
static __global__ void finish_gradient1(UpPlan plan, int splits, double count, float* dgamma,
                                        float* dbeta) {
  const int c = finish_channel();
  double sums[2];
  sum_splits(Partial<double>{plan.weight_partial, splits, plan.c_in}, c, sums);
  if (threadIdx.y != 0 || c >= plan.c_in) return;
  const UpArrays& to = plan.arrays;
  const auto inverse = static_cast<double>(to.inverse1[c]);
  const double slope = sums[1] * inverse;
  const auto true_part = static_cast<double>(plan.loss_scale->inverse);
  dbeta[c] = static_cast<float>(sums[0] * true_part);
  dgamma[c] = static_cast<float>(slope * true_part);
  const double scale = static_cast<double>(to.scale1[c]) / count;
  to.constant1[c] = static_cast<float>(-scale * sums[0]);
  to.slope1[c] = static_cast<float>(-scale * slope * inverse);
}

}  // namespace hikaku::cuda
