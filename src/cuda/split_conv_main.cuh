// The products of the split convolution. A warp computes 4 image rows x 16 columns x 64 channels,
// 128 sums a thread. For each tap and 16 channels:
//   mma         3 products x 4 x 8 a warp; of 8 warps, at mma.sync's peak (62 % of the tensor
//               cores'), 1240 cycles of a multiprocessor
//   shared      4 KiB of pixels and 4 KiB of weights a warp: 512 cycles of 128 bytes
//   additions   4 for 3 mma, issued while those run
#pragma once

#include "cuda/split_conv_feed.cuh"

namespace hikaku::cuda::split {

constexpr int tiles_of_outs = warp_outs / 8;
/// Tiles that are multiplied side by side: so many mma do not wait for one another.
constexpr int at_once = 4;

struct Sums {
  float of[warp_rows][tiles_of_outs][4];
};

/// What one lane reads of the weights of one tap and 16 channels.
struct Weights {
  std::uint32_t of[parts][tiles_of_outs / 2][4];

  template <class F>
  __device__ void load(std::uint32_t address) {
#pragma unroll
    for (int part = 0; part < parts; ++part) {
#pragma unroll
      for (int n = 0; n < tiles_of_outs / 2; ++n) {
        load_matrices(of[part][n], address + part * F::w_part + n * 16 * octet);
      }
    }
  }
};

/// sums (+)= a * the weights' part, for 32 of the warp's channels.
template <bool begins>
__device__ void multiply_some(float (&sums)[at_once][4], const std::uint32_t (&a)[4],
                              const std::uint32_t (*b)[4]) {
#pragma unroll
  for (int n = 0; n < at_once; ++n) {
    const std::uint32_t b0 = b[n / 2][n % 2 * 2], b1 = b[n / 2][n % 2 * 2 + 1];
    if constexpr (begins) {
      multiply(sums[n], a, b0, b1);
    } else {
      multiply_add(sums[n], a, b0, b1);
    }
  }
}

/// One tap and 16 channels. `x`, `w`: this lane's addresses.
template <class F>
__device__ void multiply_step(Sums& sums, std::uint32_t x, std::uint32_t w) {
  Weights weights;
  weights.load<F>(w);
#pragma unroll
  for (int m = 0; m < warp_rows; ++m) {
    std::uint32_t high[4], low[4];
    load_matrices(low, x + F::x_part + m * F::halo_columns * octet);
    load_matrices(high, x + m * F::halo_columns * octet);
#pragma unroll
    for (int n = 0; n < tiles_of_outs; n += at_once) {
      float fresh[at_once][4];
      multiply_some<true>(fresh, low, weights.of[0] + n / 2);
      multiply_some<false>(fresh, high, weights.of[1] + n / 2);
      multiply_some<false>(fresh, high, weights.of[0] + n / 2);
#pragma unroll
      for (int i = 0; i < at_once * 4; ++i) sums.of[m][n + i / 4][i % 4] += fresh[i / 4][i % 4];
    }
  }
}

template <class F>
__device__ void multiply_tile(Sums& sums, const Problem& p, Pixels<F>& pixels,
                              const unsigned char* weight, unsigned char* shared) {
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const int matrix = lane / 8;
  const std::uint32_t ring = shared_address(shared) + x_ring * F::x_chunk;
  const int stages = p.chunks * F::kernel;
  copy_weights<F>(weight, 0, stages, ring);
  copy_weights<F>(weight, 1, stages, ring);
#pragma unroll 1
  for (int step = 0; step < F::steps; ++step) {
    pixels.load(0, step);
    pixels.store(shared, step);
  }
  // Of pixels, the matrices 1 and 3 are the right halves, 2 and 3 the channels from 8 on; of
  // weights, 1 and 3 are the channels from 8 on, 2 and 3 the outputs from 8 on.
  const std::uint32_t x_lane =
      shared_address(shared) + matrix / 2 * F::x_octet +
      (warp / F::across * warp_rows * F::halo_columns + matrix % 2 * 8 + lane % 8) * octet;
  const std::uint32_t w_lane = ring + matrix % 2 * F::w_octet +
                               (warp % F::across * warp_outs + matrix / 2 * 8 + lane % 8) * octet;
  int chunk = 0, tap_row = 0, place = 0;
#pragma unroll 1
  for (int stage = 0; stage < stages; ++stage) {
    wait_copies<w_ring - 2>();
    __syncthreads();
    copy_weights<F>(weight, stage + w_ring - 1, stages, ring);
    const bool more = chunk + 1 < p.chunks;
    unsigned char* next = shared + (chunk + 1) % x_ring * F::x_chunk;
    const std::uint32_t x =
        x_lane + chunk % x_ring * F::x_chunk + tap_row * F::halo_columns * octet;
    const std::uint32_t w = w_lane + place * F::w_stage;
#pragma unroll 1
    for (int tap = 0; tap < F::kernel; ++tap) {
#pragma unroll
      for (int k = 0; k < F::depths; ++k) {
        const int step = (tap_row * F::kernel + tap) * F::depths + k;
        if (more) pixels.load(chunk + 1, step);
        multiply_step<F>(sums, x + tap * octet + k * 2 * F::x_octet,
                         w + tap * F::w_tap + k * 2 * F::w_octet);
        if (more) pixels.store(next, step);
      }
    }
    place = place == w_ring - 1 ? 0 : place + 1;
    if (++tap_row == F::kernel) {
      tap_row = 0;
      ++chunk;
    }
  }
}

/// Rows of a fragment are columns of the image, its columns output channels.
template <class F>
__device__ void write(const Sums& sums, const Problem& p, int image, int first_row,
                      int first_column, int first_out) {
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  // In two steps, or a factor could overflow where the result does not.
  const int exponent = -scale_exponent(*p.from_largest) - scale_exponent(*p.weight_largest);
  const float one = power_of_two(exponent / 2), other = power_of_two(exponent - exponent / 2);
  first_row += warp / F::across * warp_rows;
  first_out += warp % F::across * warp_outs + lane % 4 * 2;
#pragma unroll
  for (int m = 0; m < warp_rows; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = first_row + m, column = first_column + half * 8 + lane / 4;
      if (row >= p.h || column >= p.w) continue;
      const std::int64_t at =
          ((static_cast<std::int64_t>(image) * p.h + row) * p.w + column) * p.to_stride;
#pragma unroll
      for (int n = 0; n < tiles_of_outs; ++n) {
        const int o = first_out + n * 8;
        if (o >= p.c_out) continue;
        float2 v{sums.of[m][n][2 * half] * one * other, sums.of[m][n][2 * half + 1] * one * other};
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
  Pixels<F> pixels(p, image, row, column);
  Sums sums{};
  multiply_tile<F>(sums, p, pixels, weight, shared);
  write<F>(sums, p, image, row, column, out_tile * F::outs);
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
