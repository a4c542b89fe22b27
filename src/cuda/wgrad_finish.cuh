// Behind the products of the weight gradient: the sum over splits in the weight's own layout and
// scale.
#pragma once

#include "cuda/context.h"
#include "cuda/wgrad_feed.cuh"

namespace hikaku::cuda::wgrad {

constexpr int finish_most_groups = 4;
constexpr int most_taps = 9;

/// A block sums all taps of one output channel and 64 input channels: 16 * taps threads in x, in y
/// groups that share the splits. In shared memory the sums lie as in OIHW.
__global__ void finish(const Problem p, int taps, const LossScale* scale, float* dw) {
  __shared__ float turn[finish_most_groups][tile * most_taps];
  const int o = static_cast<int>(blockIdx.y), first = static_cast<int>(blockIdx.x) * tile;
  const int tap = static_cast<int>(threadIdx.x) / quads,
            c = static_cast<int>(threadIdx.x) % quads * 4;
  const int group = static_cast<int>(threadIdx.y), groups = static_cast<int>(blockDim.y);
  float4 sum{0, 0, 0, 0};
  if (first + c < p.c_in) {
    const std::int64_t count = static_cast<std::int64_t>(p.c_out) * taps * p.c_in;
    const float* from =
        p.partial + (static_cast<std::int64_t>(o) * taps + tap) * p.c_in + first + c;
#pragma unroll 4
    for (int split = group; split < p.splits; split += groups) {
      const float4 v = *reinterpret_cast<const float4*>(from + split * count);
      sum.x += v.x, sum.y += v.y, sum.z += v.z, sum.w += v.w;
    }
  }
  float* place = &turn[group][c * taps + tap];
  place[0] = sum.x, place[taps] = sum.y, place[2 * taps] = sum.z, place[3 * taps] = sum.w;
  __syncthreads();
  // In two steps, or a factor could overflow where the result does not.
  const int exponent = -scale_exponent(*p.x_largest) - scale_exponent(*p.dy_largest);
  const float one = power_of_two(exponent / 2), other = power_of_two(exponent - exponent / 2);
  const float inverse = scale == nullptr ? 1.0f : scale->inverse;
  const int channels = min(tile, p.c_in - first);
  float* to = dw + (static_cast<std::int64_t>(o) * p.c_in + first) * taps;
  const int step = static_cast<int>(blockDim.x * blockDim.y);
  for (int i = group * static_cast<int>(blockDim.x) + static_cast<int>(threadIdx.x);
       i < channels * taps; i += step) {
    float total = turn[0][i];
    for (int g = 1; g < groups; ++g) total += turn[g][i];
    to[i] = total * one * other * inverse;
  }
}

}  // namespace hikaku::cuda::wgrad
