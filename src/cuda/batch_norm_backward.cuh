// Batch norm's backward kernels. g is the gradient behind ReLU and pool, at y: dy where y > 0, plus
// the gradient of a window at its first maximum; y is formed anew from z. Then
//   dgamma = sum g * xhat,  dbeta = sum g,  dz = scale * g + slope * z + level.
#pragma once

#include <type_traits>

#include "cuda/batch_norm_forward.cuh"
#include "cuda/context.h"

namespace hikaku::cuda {

/// What a pass goes over: pixels, or windows, of which some may be cut.
enum class Items : std::uint8_t { pixels, windows, whole_windows };

/// What both passes read. `dy` or `dpooled` may be null.
template <class T>
struct NormGradient {
  Rows<const T> z, dy, dpooled;
  Windows windows;
  unsigned pixels;
  int channels;
  float lower;  ///< 0 with a ReLU, else -infinity
  BatchNormState state;
  BatchNormSaved saved;
};

/// Calls visit.element(k, i, z, g) for channel i of pixel k of what is in flight, then
/// visit.done(k, pixel) for the pixel; everything was read before the first done(). `back`: from
/// the last pixel to the first. The sums go back, from what was written last and is still in the L2
/// cache, and leave there what the pass that applies them begins with.
template <class T, int N, bool back, class Visit>
__device__ void sweep_pixels(const NormGradient<T>& args, const Place& at, Visit&& visit) {
  const ChannelAffine<N> affine(args.state, args.saved, at.channel);
  const auto place = [&](unsigned item) { return back ? args.pixels - 1 - item : item; };
  for (unsigned first = at.item; first < args.pixels; first += flight * at.step) {
    Pack<T, N> z[flight], dy[flight];
#pragma unroll
    for (unsigned k = 0; k < flight; ++k) {
      const unsigned item = first + k * at.step;
      if (item >= args.pixels) break;
      const unsigned pixel = place(item);
      z[k] = load<N>(args.z.at(pixel, at.channel));
      dy[k] = load<N>(args.dy.at(pixel, at.channel));
    }
#pragma unroll
    for (unsigned k = 0; k < flight; ++k) {
      const unsigned item = first + k * at.step;
      if (item >= args.pixels) break;
#pragma unroll
      for (int i = 0; i < N; ++i) {
        const float value = z[k].get(i);
        const float y = affine.linear(i, value);
        visit.element(static_cast<int>(k), i, value, y > args.lower ? dy[k].get(i) : 0.0f);
      }
      visit.done(static_cast<int>(k), place(item));
    }
  }
}

/// Likewise by windows. Maxima are of y before it was rounded to T: a tie that rounding made goes
/// to the larger one, not to the first.
/// Below `lower` the order of y does not matter: no gradient passes there.
template <class T, int N, bool whole, bool back, class Visit>
__device__ void sweep_windows(const NormGradient<T>& args, const Place& at, Visit&& visit) {
  const ChannelAffine<N> affine(args.state, args.saved, at.channel);
  for (unsigned item = at.item; item < args.windows.count; item += at.step) {
    const Window<whole> window(args.windows, back ? args.windows.count - 1 - item : item);
    Pack<T, N> z[4], dy[4] = {}, dpooled = {};
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      if (!window.has(k)) continue;
      z[k] = load<N>(args.z.at(window.pixel(k), at.channel));
      if (args.dy.data != nullptr) dy[k] = load<N>(args.dy.at(window.pixel(k), at.channel));
    }
    if (window.full()) dpooled = load<N>(args.dpooled.at(window.pooled, at.channel));
#pragma unroll
    for (int i = 0; i < N; ++i) {
      int best = 0;
      float top = affine.linear(i, z[0].get(i));
      const float rest = dpooled.get(i);
      float y[4] = {top};
#pragma unroll
      for (int k = 1; k < 4; ++k) {
        y[k] = affine.linear(i, z[k].get(i));
        best = y[k] > top ? k : best;
        top = y[k] > top ? y[k] : top;
      }
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        if (!window.has(k)) continue;
        const float g = dy[k].get(i) + (best == k ? rest : 0.0f);
        visit.element(k, i, z[k].get(i), y[k] > args.lower ? g : 0.0f);
      }
    }
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      if (window.has(k)) visit.done(k, window.pixel(k));
    }
  }
}

template <class T, int N, Items items, bool back, class Visit>
__device__ void sweep_gradient(const NormGradient<T>& args, const Place& at, Visit&& visit) {
  if constexpr (items == Items::pixels) {
    sweep_pixels<T, N, back>(args, at, visit);
  } else {
    sweep_windows<T, N, items == Items::whole_windows, back>(args, at, visit);
  }
}

template <int N>
struct GradientSums {
  float mean[N], sums[2][N] = {};

  __device__ void element(int, int i, float z, float g) {
    sums[0][i] += g;
    sums[1][i] = fmaf(g, z - mean[i], sums[1][i]);
  }
  __device__ void done(int, unsigned) {}
};

template <class T, int N, Items items>
__global__ void __launch_bounds__(sweep_threads, 2)
    gradient_sums(NormGradient<T> args, float* partial, std::uint32_t* largest) {
  const Place at = place<N>();
  if (largest != nullptr && at.item == 0 && at.channel == 0) *largest = 0;  // for the next pass
  GradientSums<N> visit;
  if (at.channel < args.channels) {
#pragma unroll
    for (int i = 0; i < N; ++i) visit.mean[i] = args.saved.mean[at.channel + i];
    sweep_gradient<T, N, items, true>(args, at, visit);
  }
  reduce_block<N>(visit.sums, args.channels, partial);
}

/// dgamma and dbeta, true gradients; slope and level for gradients as they are scaled.
__global__ void finish_gradient(const float* partial, int splits, int channels, double count,
                                BatchNormState state, BatchNormSaved saved,
                                const LossScale* loss_scale, float* dgamma, float* dbeta,
                                float* slope, float* level) {
  const int c = finish_channel();
  const bool finishes = threadIdx.y == 0 && c < channels;
  // Loaded now, they arrive with the sums.
  const double true_part =
      finishes && loss_scale != nullptr ? static_cast<double>(loss_scale->inverse) : 1.0;
  const double inverse = finishes ? static_cast<double>(saved.inverse_deviation[c]) : 0.0;
  const double mean = finishes ? static_cast<double>(saved.mean[c]) : 0.0;
  const double scale = finishes ? static_cast<double>(state.gamma[c]) * inverse : 0.0;
  double sums[2];
  sum_splits(Partial<float>{partial, splits, channels}, c, sums);
  if (!finishes) return;
  const double along = sums[1] * inverse * inverse / count;
  dgamma[c] = static_cast<float>(sums[1] * inverse * true_part);
  dbeta[c] = static_cast<float>(sums[0] * true_part);
  slope[c] = static_cast<float>(-scale * along);
  level[c] = static_cast<float>(-scale * (sums[0] / count - along * mean));
}

template <class T, int N>
struct GradientApply {
  Rows<T> dz;
  int channel;
  float scale[N], slope[N], level[N];
  Pack<T, N> out[4];
  std::uint32_t most = 0;  ///< bits of the largest magnitude; of f32 only

  __device__ void element(int k, int i, float z, float g) {
    const float dz = fmaf(scale[i], g, fmaf(slope[i], z, level[i]));
    out[k].set(i, dz);
    if constexpr (std::is_same_v<T, float>) most = max(most, magnitude_bits(dz));
  }
  __device__ void done(int k, unsigned pixel) { store(dz.at(pixel, channel), out[k]); }
};

/// dz may be the memory of z or dy: a thread has read all its pixels before it writes one.
template <class T, int N, Items items>
__global__ void __launch_bounds__(sweep_threads, 2)
    gradient_apply(NormGradient<T> args, const float* slope, const float* level, Rows<T> dz,
                   std::uint32_t* largest) {
  const Place at = place<N>();
  GradientApply<T, N> visit;
  visit.dz = dz;
  visit.channel = at.channel;
  if (at.channel < args.channels) {
#pragma unroll
    for (int i = 0; i < N; ++i) {
      const int c = at.channel + i;
      visit.scale[i] = __fmul_rn(args.state.gamma[c], args.saved.inverse_deviation[c]);
      visit.slope[i] = slope[c];
      visit.level[i] = level[c];
    }
    sweep_gradient<T, N, items, false>(args, at, visit);
  }
  if (std::is_same_v<T, float> && largest != nullptr) publish_largest(visit.most, largest);
}

}  // namespace hikaku::cuda
