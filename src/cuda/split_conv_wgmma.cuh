// The products of the split convolution by a whole block at once, wgmma, for sm_90 (compiled for
// sm_90a). A fragment is 8 image rows x 8 columns x all channels of the tile. A row of taps is one
// chain of products for each fragment, which begins at zero; the other block of the multiprocessor
// multiplies while this one adds.
//
// Operands lie in shared memory as they do for mma.sync: 8 rows of 16 bytes side by side are what
// wgmma calls a core matrix, and from one to the next its descriptors know two steps, along rows
// (8 pixels of the next image row, 8 output channels) and along channels.
#pragma once

#include "cuda/split_conv_feed.cuh"
#include "cuda/wgmma.cuh"

#ifdef __CUDA_ARCH_FEAT_SM90_ALL
namespace hikaku::cuda::split {

template <class F>
struct GroupProducts {
  static constexpr int side = 8;  ///< of a fragment, in pixels
  static constexpr int tiles = F::outs / 8;
  static constexpr int fragments = F::rows / side * (columns / side), turns = F::kernel;

  float sums[fragments][tiles][4] = {};

  struct Place {
    int row, column, out;
  };
  __device__ static Place place(int fragment, int half) {
    const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
    return {fragment / 2 * side + 2 * warp + half, fragment % 2 * side + lane / 4, lane % 4 * 2};
  }

  template <class Load, class Store>
  __device__ void multiply_stage(std::uint32_t x, std::uint32_t w, const Load& load,
                                 const Store& store) {
    load(0);
#pragma unroll
    for (int m = 0; m < fragments; ++m) {
      const std::uint32_t at = x + (m / 2 * side * F::halo_columns + m % 2 * side) * octet;
      group_begin();
      // The small products first: what is added to a large sum is cut off at its last bit.
      multiply_taps<1, 0>(at, w, true);
      multiply_taps<0, 1>(at, w, false);
      multiply_taps<0, 0>(at, w, false);
      group_end();
      if (m + 1 == fragments) store(0);
      group_wait();
#pragma unroll
      for (int i = 0; i < tiles * 4; ++i) sums[m][i / 4][i % 4] += fresh_[i];
    }
  }

 private:
  template <int x_part, int w_part>
  __device__ void multiply_taps(std::uint32_t x, std::uint32_t w, bool begins) {
#pragma unroll
    for (int tap = 0; tap < F::kernel; ++tap) {
#pragma unroll
      for (int k = 0; k < F::depths; ++k) {
        const std::uint32_t a = x + x_part * F::x_part + tap * octet + k * 2 * F::x_octet;
        const std::uint32_t b = w + w_part * F::w_part + tap * F::w_tap + k * 2 * F::w_octet;
        group_multiply(fresh_, core_matrices(a, F::x_octet, F::halo_columns * octet),
                       core_matrices(b, F::w_octet, 8 * octet), !begins || tap + k > 0);
      }
    }
  }

  float fresh_[tiles * 4];
};

}  // namespace hikaku::cuda::split
#endif
