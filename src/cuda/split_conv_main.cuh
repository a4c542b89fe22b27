// The kernels of the split convolution.
#pragma once

#include "cuda/split_conv_mma.cuh"
#include "cuda/split_conv_wgmma.cuh"

namespace hikaku::cuda::split {

#ifdef __CUDA_ARCH_FEAT_SM90_ALL
template <class F>
using Products = GroupProducts<F>;
#else
template <class F>
using Products = WarpProducts<F>;
#endif

template <class F>
__device__ void multiply_tile(Products<F>& products, const Problem& p, int image, int row,
                              int column, const unsigned char* weight, unsigned char* shared) {
  constexpr int turns = Products<F>::turns, turns_of_stage = turns / F::kernel;
  const std::uint32_t chunks = shared_address(shared), ring = chunks + x_ring * F::x_chunk;
  const int stages = p.chunks * F::kernel;
  Pixels<F, turns> pixels(p, image, row, column);
#pragma unroll 1
  for (int stage = 0; stage < w_ring - 1; ++stage) copy_weights<F>(weight, stage, stages, ring);
#pragma unroll 1
  for (int turn = 0; turn < turns; ++turn) {
    pixels.load(0, turn);
    pixels.store(shared, turn);
  }
  int chunk = 0, tap_row = 0, place = 0;
#pragma unroll 1
  for (int stage = 0; stage < stages; ++stage) {
    wait_copies<w_ring - 2>();
    publish_to_group();
    __syncthreads();
    copy_weights<F>(weight, stage + w_ring - 1, stages, ring);
    const bool more = chunk + 1 < p.chunks;
    const int first_turn = tap_row * turns_of_stage;
    unsigned char* next = shared + (chunk + 1) % x_ring * F::x_chunk;
    products.multiply_stage(
        chunks + chunk % x_ring * F::x_chunk + tap_row * F::halo_columns * octet,
        ring + place * F::w_stage,
        [&](int turn) {
          if (more) pixels.load(chunk + 1, first_turn + turn);
        },
        [&](int turn) {
          if (more) pixels.store(next, first_turn + turn);
        });
    place = place == w_ring - 1 ? 0 : place + 1;
    if (++tap_row == F::kernel) {
      tap_row = 0;
      ++chunk;
    }
  }
}

/// Rows of a fragment are pixels, its columns output channels.
template <class F>
__device__ void write(const Products<F>& products, const Problem& p, int image, int first_row,
                      int first_column, int first_out) {
  // In two steps, or a factor could overflow where the result does not.
  const int exponent = -scale_exponent(*p.from_largest) - scale_exponent(*p.weight_largest);
  const float one = power_of_two(exponent / 2), other = power_of_two(exponent - exponent / 2);
#pragma unroll
  for (int m = 0; m < Products<F>::fragments; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const auto place = Products<F>::place(m, half);
      const int row = first_row + place.row, column = first_column + place.column;
      if (row >= p.h || column >= p.w) continue;
      const std::int64_t at =
          ((static_cast<std::int64_t>(image) * p.h + row) * p.w + column) * p.to_stride;
#pragma unroll
      for (int n = 0; n < Products<F>::tiles; ++n) {
        const int o = first_out + place.out + n * 8;
        if (o >= p.c_out) continue;
        const float(&sums)[4] = products.sums[m][n];
        float2 v{sums[2 * half] * one * other, sums[2 * half + 1] * one * other};
        if (p.addend != nullptr) {
          const float2 more = *reinterpret_cast<const float2*>(p.addend + at + o);
          v.x += more.x, v.y += more.y;
        }
        if (p.bias != nullptr) {
          v.x = fmaxf(v.x + p.bias[o], 0), v.y = fmaxf(v.y + p.bias[o + 1], 0);
        }
        *reinterpret_cast<float2*>(p.to + at + o) = v;
      }
    }
  }
}

/// Blocks of the same weights run side by side.
template <class F>
__global__ void __launch_bounds__(threads, 2) convolve(const __grid_constant__ Problem p) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  extern __shared__ __align__(128) unsigned char shared[];
  const int tile = static_cast<int>(blockIdx.x), out_tile = static_cast<int>(blockIdx.y);
  const int of_image = p.tiles_of_column * p.tiles_of_row, image = tile / of_image;
  const int row = tile % of_image / p.tiles_of_row * F::rows;
  const int column = tile % p.tiles_of_row * columns;
  const unsigned char* weight =
      p.weight + static_cast<std::int64_t>(out_tile) * p.chunks * F::kernel * F::w_stage;
  Products<F> products;
  multiply_tile<F>(products, p, image, row, column, weight, shared);
  write<F>(products, p, image, row, column, out_tile * F::outs);
#endif
}

/// A block brings one chunk of the weight for F::outs outputs into the form that is read above; a
/// thread 8 channels of one output. For the gradient of x, outputs are the weight's inputs and taps
/// go the other way.
template <class F>
__global__ void __launch_bounds__(F::outs* F::octets)
    split_weight(const float* from, const std::uint32_t* largest, int c_out, int c_in,
                 bool backward, unsigned char* to) {
  const int out = static_cast<int>(threadIdx.x) % F::outs,
            eight = static_cast<int>(threadIdx.x) / F::outs;
  const int outs = backward ? c_in : c_out, ins = backward ? c_out : c_in;
  const int o = static_cast<int>(blockIdx.y) * F::outs + out;
  const int first = static_cast<int>(blockIdx.x) * F::channels + eight * 8;
  const std::int64_t step_out = backward ? F::taps : static_cast<std::int64_t>(c_in) * F::taps;
  const std::int64_t step_in = backward ? static_cast<std::int64_t>(c_in) * F::taps : F::taps;
  const float scale = power_of_two(scale_exponent(*largest));
  to += (static_cast<std::int64_t>(blockIdx.y) * gridDim.x + blockIdx.x) * F::kernel * F::w_stage +
        eight * F::w_octet + out * octet;
#pragma unroll
  for (int tap = 0; tap < F::taps; ++tap) {
    const int source = backward ? F::taps - 1 - tap : tap;
    float v[8];
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      const bool has = o < outs && first + i < ins;
      v[i] = has ? from[o * step_out + (first + i) * step_in + source] * scale : 0.0f;
    }
    const float4 left{v[0], v[1], v[2], v[3]}, right{v[4], v[5], v[6], v[7]};
    const uint2 high[2] = {round_high(left), round_high(right)};
    const uint2 low[2] = {round_low(left, high[0]), round_low(right, high[1])};
    *reinterpret_cast<uint4*>(to) = {high[0].x, high[0].y, high[1].x, high[1].y};
    *reinterpret_cast<uint4*>(to + F::w_part) = {low[0].x, low[0].y, low[1].x, low[1].y};
    to += F::w_tap;
  }
}

}  // namespace hikaku::cuda::split
