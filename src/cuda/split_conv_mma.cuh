// The products of the split convolution by single warps, mma.sync, for any GPU from sm_80 on. A
// warp computes 4 image rows x 16 columns x 64 channels, 128 sums a thread. For each tap and 16
// channels it does 96 mma and 128 additions, and reads 4 KiB of pixels and 4 KiB of weights.
// Measured on an H100: 58 % of what mma.sync can there, which is 2/3 of the tensor cores'.
#pragma once

#include "cuda/split_conv_feed.cuh"

namespace hikaku::cuda::split {

template <class F>
struct WarpProducts {
  static constexpr int tiles = warp_outs / 8;  ///< of 8 channels
  /// Tiles that are multiplied side by side: so many mma do not wait for one another.
  static constexpr int at_once = 4;
  static constexpr int fragments = warp_rows, turns = F::taps * F::depths;

  float sums[fragments][tiles][4] = {};

  /// Where this lane's part of a fragment lies in the tile: half of it is one pixel's.
  struct Place {
    int row, column, out;
  };
  __device__ static Place place(int fragment, int half) {
    const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
    return {warp / F::across * warp_rows + fragment, half * 8 + lane / 4,
            warp % F::across * warp_outs + lane % 4 * 2};
  }

  /// One row of taps. `x`: the pixel of the first tap for the tile's first, `w`: the stage's
  /// weights; in turn i of this row load(i) begins to load a part of the next chunk's pixels, and
  /// store(i) stores it.
  template <class Load, class Store>
  __device__ void multiply_stage(std::uint32_t x, std::uint32_t w, const Load& load,
                                 const Store& store) {
    const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
    const int matrix = lane / 8;
    // Of pixels, the matrices 1 and 3 are the right halves, 2 and 3 the channels from 8 on; of
    // weights, 1 and 3 are the channels from 8 on, 2 and 3 the outputs from 8 on.
    x += matrix / 2 * F::x_octet +
         (warp / F::across * warp_rows * F::halo_columns + matrix % 2 * 8 + lane % 8) * octet;
    w += matrix % 2 * F::w_octet +
         (warp % F::across * warp_outs + matrix / 2 * 8 + lane % 8) * octet;
#pragma unroll 1
    for (int tap = 0; tap < F::kernel; ++tap) {
#pragma unroll
      for (int k = 0; k < F::depths; ++k) {
        load(tap * F::depths + k);
        multiply_depth(x + tap * octet + k * 2 * F::x_octet,
                       w + tap * F::w_tap + k * 2 * F::w_octet);
        store(tap * F::depths + k);
      }
    }
  }

 private:
  using Weights = std::uint32_t[tiles / 2][4];  ///< a lane's, of 16 channels

  __device__ static void load_weights(Weights& weights, std::uint32_t address) {
#pragma unroll
    for (int n = 0; n < tiles / 2; ++n) load_matrices(weights[n], address + n * 16 * octet);
  }

  template <bool begins>
  __device__ static void multiply_tiles(float (&fresh)[at_once][4], const std::uint32_t (&a)[4],
                                        const std::uint32_t (*b)[4]) {
#pragma unroll
    for (int n = 0; n < at_once; ++n) {
      const std::uint32_t b0 = b[n / 2][n % 2 * 2], b1 = b[n / 2][n % 2 * 2 + 1];
      if constexpr (begins) {
        multiply(fresh[n], a, b0, b1);
      } else {
        multiply_add(fresh[n], a, b0, b1);
      }
    }
  }

  /// One tap and 16 channels.
  __device__ void multiply_depth(std::uint32_t x, std::uint32_t w) {
    Weights w_high, w_low;
    load_weights(w_high, w);
    load_weights(w_low, w + F::w_part);
#pragma unroll
    for (int m = 0; m < fragments; ++m) {
      std::uint32_t high[4], low[4];
      load_matrices(low, x + F::x_part + m * F::halo_columns * octet);
      load_matrices(high, x + m * F::halo_columns * octet);
#pragma unroll
      for (int n = 0; n < tiles; n += at_once) {
        float fresh[at_once][4];
        multiply_tiles<true>(fresh, low, w_high + n / 2);
        multiply_tiles<false>(fresh, high, w_low + n / 2);
        multiply_tiles<false>(fresh, high, w_high + n / 2);
#pragma unroll
        for (int i = 0; i < at_once * 4; ++i) sums[m][n + i / 4][i % 4] += fresh[i / 4][i % 4];
      }
    }
  }
};

}  // namespace hikaku::cuda::split
