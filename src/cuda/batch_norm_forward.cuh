// Batch norm's forward kernels: the sums of each channel, what follows from them, and the pass that
// normalises, cuts at zero and pools.
#pragma once

#include "cuda/magnitude.cuh"
#include "cuda/pool_window.cuh"
#include "cuda/reduce.cuh"
#include "cuda/vector.cuh"
#include "ops/batch_norm.h"

namespace hikaku::cuda {

/// Pixels whose loads are in flight together in one thread.
constexpr unsigned flight = 4;

/// y = scale * z + offset for N channels; the one arithmetic of both directions.
template <int N>
struct ChannelAffine {
  float scale[N], offset[N];

  __device__ ChannelAffine(const BatchNormState& state, const BatchNormSaved& saved, int channel) {
#pragma unroll
    for (int i = 0; i < N; ++i) {
      scale[i] = __fmul_rn(state.gamma[channel + i], saved.inverse_deviation[channel + i]);
      offset[i] = __fmaf_rn(-saved.mean[channel + i], scale[i], state.beta[channel + i]);
    }
  }
  __device__ float linear(int i, float z) const { return __fmaf_rn(scale[i], z, offset[i]); }
  /// `lower` is 0 with a ReLU and -infinity without; what is not a number stays so.
  __device__ float operator()(int i, float z, float lower) const {
    const float y = linear(i, z);
    return y < lower ? lower : y;
  }
};

/// Sums of z - shift and its square, with `shift` from four pixels: no cancellation where the mean
/// is many deviations from zero. Writes `shift` [channels], too, and 0 to `largest`. It goes from
/// the last pixel to the first: what was written last is still in the L2 cache, and what is read
/// last is there for the pass that follows, which begins with the first pixel.
template <class T, int N>
__global__ void __launch_bounds__(sweep_threads)
    moment_sums(Rows<const T> z, unsigned pixels, int channels, float* partial, float* shift,
                std::uint32_t* largest) {
  const Place at = place<N>();
  if (largest != nullptr && at.item == 0 && at.channel == 0) *largest = 0;
  float sums[2][N] = {};
  if (at.channel < channels) {
    float centre[N] = {};
#pragma unroll
    for (unsigned k = 1; k < 8; k += 2) {
      const auto pixel = static_cast<unsigned>(static_cast<std::uint64_t>(pixels) * k / 8);
      const auto pack = load<N>(z.at(pixel, at.channel));
#pragma unroll
      for (int i = 0; i < N; ++i) centre[i] += 0.25f * pack.get(i);
    }
    if (blockIdx.y == 0 && threadIdx.y == 0) {
#pragma unroll
      for (int i = 0; i < N; ++i) shift[at.channel + i] = centre[i];
    }
    for (unsigned first = at.item; first < pixels; first += flight * at.step) {
      Pack<T, N> packs[flight];
#pragma unroll
      for (unsigned k = 0; k < flight; ++k) {
        const unsigned item = first + k * at.step;
        if (item < pixels) packs[k] = load<N>(z.at(pixels - 1 - item, at.channel));
      }
#pragma unroll
      for (unsigned k = 0; k < flight; ++k) {
        if (first + k * at.step >= pixels) break;
#pragma unroll
        for (int i = 0; i < N; ++i) {
          const float d = packs[k].get(i) - centre[i];
          sums[0][i] += d;
          sums[1][i] = fmaf(d, d, sums[1][i]);
        }
      }
    }
  }
  reduce_block<N>(sums, channels, partial);
}

/// From sums of z - shift and (z - shift)^2, wherever they were formed, to mean, deviation and the
/// running statistics. `shift` null: 0.
__global__ void finish_moments(const float* partial, int splits, int channels, const float* shift,
                               double count, float eps, float momentum, BatchNormState state,
                               BatchNormSaved saved, std::uint32_t* largest) {
  const int c = finish_channel();
  const bool finishes = threadIdx.y == 0 && c < channels;
  const bool runs = finishes && state.running_mean != nullptr;
  // Loaded now, they arrive with the sums.
  const float centre = finishes && shift != nullptr ? shift[c] : 0.0f;
  const float bias = runs && state.shift != nullptr ? state.shift[c] : 0.0f;
  const float running_mean = runs ? state.running_mean[c] : 0.0f;
  const float running_var = runs ? state.running_var[c] : 0.0f;
  double sums[2];
  sum_splits(Partial<float>{partial, splits, channels}, c, sums);
  if (!finishes) return;
  publish_norm_bound(state.gamma[c], state.beta[c], count, largest);
  const double off = sums[0] / count, mean = static_cast<double>(centre) + off;
  const double deviation = fmax(sums[1] - sums[0] * off, 0.0);
  saved.mean[c] = static_cast<float>(mean);
  saved.inverse_deviation[c] =
      static_cast<float>(rsqrt(deviation / count + static_cast<double>(eps)));
  if (!runs) return;
  // torch divides by count - 1; a single value has no unbiased variance and keeps the biased one.
  const double unbiased = deviation / (count > 1 ? count - 1 : count);
  const auto found = static_cast<float>(mean + static_cast<double>(bias));
  state.running_mean[c] = running_mean + momentum * (found - running_mean);
  state.running_var[c] = running_var + momentum * (static_cast<float>(unbiased) - running_var);
}

template <class T, int N>
__global__ void __launch_bounds__(sweep_threads)
    normalise(Rows<const T> z, Rows<T> y, unsigned pixels, int channels, BatchNormState state,
              BatchNormSaved saved, float lower) {
  const Place at = place<N>();
  if (at.channel >= channels) return;
  const ChannelAffine<N> affine(state, saved, at.channel);
  for (unsigned first = at.item; first < pixels; first += flight * at.step) {
    Pack<T, N> packs[flight];
#pragma unroll
    for (unsigned k = 0; k < flight; ++k) {
      const unsigned pixel = first + k * at.step;
      if (pixel < pixels) packs[k] = load<N>(z.at(pixel, at.channel));
    }
#pragma unroll
    for (unsigned k = 0; k < flight; ++k) {
      const unsigned pixel = first + k * at.step;
      if (pixel >= pixels) break;
#pragma unroll
      for (int i = 0; i < N; ++i) packs[k].set(i, affine(i, packs[k].get(i), lower));
      store(y.at(pixel, at.channel), packs[k]);
    }
  }
}

/// Likewise with the 2x2 maximum: a thread takes one window, those cut by an odd border included.
template <class T, int N, bool whole>
__global__ void __launch_bounds__(sweep_threads)
    normalise_pool(Rows<const T> z, Rows<T> y, Rows<T> pooled, Windows windows, int channels,
                   BatchNormState state, BatchNormSaved saved, float lower) {
  const Place at = place<N>();
  if (at.channel >= channels) return;
  const ChannelAffine<N> affine(state, saved, at.channel);
  for (unsigned item = at.item; item < windows.count; item += at.step) {
    const Window<whole> window(windows, item);
    Pack<T, N> packs[4], top;
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      if (window.has(k)) packs[k] = load<N>(z.at(window.pixel(k), at.channel));
    }
#pragma unroll
    for (int i = 0; i < N; ++i) {
      float largest = -INFINITY;
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        const float value = affine(i, packs[k].get(i), lower);
        packs[k].set(i, value);
        largest = value <= largest ? largest : value;
      }
      top.set(i, largest);
    }
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      if (window.has(k)) store(y.at(window.pixel(k), at.channel), packs[k]);
    }
    if (window.full()) store(pooled.at(window.pooled, at.channel), top);
  }
}

}  // namespace hikaku::cuda
