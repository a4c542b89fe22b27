// The products of the weight gradient. A block computes 64 output x 64 input channels x all taps
// over a range of lines (wgrad_feed.cuh); a warp of its eight 64 x 8 channels x all taps, 144 sums
// a thread for 3x3. Its operands of 16 pixels are one fragment of dy, 64 channels, that serves all
// taps, and for each tap a fragment of x, which is the same shared memory read a pixel or a line
// further.
//
// For each 16 pixels, 3x3 taps and one product:
//   mma         36 a warp, 288 a block: at mma.sync's peak (62 % of the tensor cores') 460 cycles
//   shared      read 8 x (2 + 9 / 4) KiB, written 4.3 KiB: 307 cycles of 128 bytes
//   ldmatrix    4 (dy) + 3 x 2 (x) a warp
//   L2          (16 + 18) x 64 x 4 bytes = 8.5 KiB, 19 bytes a cycle
// With three products the mma are threefold and shared memory is read 8 x (4 + 3 x 9 / 4) KiB.
//
// Tensor cores truncate when they add to a sum, so that the error of a long one grows with its
// length. With three products the sums move to others outside of the registers, added with
// rounding, after each `flush` lines.
#pragma once

#include "cuda/wgrad_feed.cuh"

namespace hikaku::cuda::wgrad {

constexpr int blocks_of_16 = tile / 16;  ///< of dy's channels
constexpr int flush = 16;

template <class F>
struct Sums {
  float of[F::taps][blocks_of_16][4];

  __device__ void clear() {
#pragma unroll
    for (int i = 0; i < F::taps * blocks_of_16 * 4; ++i) (&of[0][0][0])[i] = 0;
  }
};

/// The other sums, of which a thread sees only its own.
template <class F>
constexpr int kept_bytes = F::products == 1 ? 0 : F::taps* blocks_of_16* threads * 16;
template <class F>
constexpr int shared_bytes = F::feed_bytes + (F::far ? 0 : kept_bytes<F>);

template <class F>
__device__ float4* place_of_kept(const Problem& p, unsigned char* shared) {
  constexpr int count = kept_bytes<F> / static_cast<int>(sizeof(float4));
  if constexpr (F::far) return p.kept + static_cast<std::int64_t>(blockIdx.x) * count + threadIdx.x;
  return reinterpret_cast<float4*>(shared + F::feed_bytes) + threadIdx.x;
}

template <class F, bool add>
__device__ void keep(Sums<F>& sums, float4* kept) {
#pragma unroll
  for (int i = 0; i < F::taps * blocks_of_16; ++i) {
    float(&s)[4] = sums.of[i / blocks_of_16][i % blocks_of_16];
    float4 value{s[0], s[1], s[2], s[3]};
    float4& place = kept[i * threads];
    if constexpr (add) {
      const float4 before = place;
      value = {before.x + value.x, before.y + value.y, before.z + value.z, before.w + value.w};
    }
    place = value;
  }
  sums.clear();
}

/// One row of taps: a.T * x, shifted by each tap's column.
template <class F, int count>
__device__ void multiply_row(float (&sums)[F::kernel][blocks_of_16][4],
                             const std::uint32_t (&a)[blocks_of_16][4], const std::uint32_t* b) {
#pragma unroll
  for (int s = 0; s < count; ++s) {
#pragma unroll
    for (int m = 0; m < blocks_of_16; ++m) multiply_add(sums[s][m], a[m], b[2 * s], b[2 * s + 1]);
  }
}

/// The fragments of x for one row of taps. Lane l names row l % 16 of the tap and, of two taps that
/// are loaded at once, tap l / 16: `address` includes that.
template <int K>
__device__ void load_row(std::uint32_t (&b)[2 * K], std::uint32_t address) {
  if constexpr (K >= 2) {
    std::uint32_t two[4];
    load_transposed(two, address);
#pragma unroll
    for (int i = 0; i < 4; ++i) b[i] = two[i];
  }
  if constexpr (K % 2 == 1) {
    std::uint32_t one[2];
    load_transposed(one, address + (K - 1) * pitch);
    b[2 * K - 2] = one[0];
    b[2 * K - 1] = one[1];
  }
}

__device__ inline void load_dy(std::uint32_t (&a)[blocks_of_16][4], std::uint32_t address) {
#pragma unroll
  for (int m = 0; m < blocks_of_16; ++m) load_transposed(a[m], address + m * 32);
}

/// The products of one line. `dy`, `x`: this lane's addresses.
template <class F>
__device__ void multiply_line(Sums<F>& sums, std::uint32_t dy,
                              const std::uint32_t (&x)[F::kernel]) {
  constexpr int K = F::kernel;
#pragma unroll
  for (int i = 0; i < F::runs; ++i) {
    std::uint32_t a[blocks_of_16][4], b[2 * K];
    if constexpr (F::products == 3) {
      load_dy(a, dy + F::dy_part + i * F::dy_run);
#pragma unroll
      for (int r = 0; r < K; ++r) {
        auto& row = reinterpret_cast<float(&)[K][blocks_of_16][4]>(sums.of[r * K]);
        load_row<K>(b, x[r] + i * F::x_run);
        multiply_row<F, K>(row, a, b);
      }
    }
    load_dy(a, dy + i * F::dy_run);
#pragma unroll
    for (int r = 0; r < K; ++r) {
      auto& row = reinterpret_cast<float(&)[K][blocks_of_16][4]>(sums.of[r * K]);
#pragma unroll
      for (int part = F::parts - 1; part >= 0; --part) {
        load_row<K>(b, x[r] + part * F::x_part + i * F::x_run);
        multiply_row<F, K>(row, a, b);
      }
    }
  }
}

/// Rows of a fragment are output channels, its columns input channels.
template <class F>
__device__ void write(const Sums<F>& sums, const Problem& p, int split, int first_out,
                      int first_in) {
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const int c = first_in + warp * 8 + lane % 4 * 2;
  if (c >= p.c_in) return;
#pragma unroll
  for (int m = 0; m < blocks_of_16; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int o = first_out + m * 16 + half * 8 + lane / 4;
      if (o >= p.c_out) continue;
      float* to =
          p.partial + (static_cast<std::int64_t>(split) * p.c_out + o) * F::taps * p.c_in + c;
#pragma unroll
      for (int tap = 0; tap < F::taps; ++tap) {
        *reinterpret_cast<float2*>(to + static_cast<std::int64_t>(tap) * p.c_in) = {
            sums.of[tap][m][2 * half], sums.of[tap][m][2 * half + 1]};
      }
    }
  }
}

template <class F>
__device__ void sum_lines(Sums<F>& sums, const Problem& p, int first_out, int first_in, int begin,
                          int end, unsigned char* shared) {
  constexpr int K = F::kernel;
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  unsigned char *x_lines = shared, *dy_lines = shared + F::x_ring * F::x_line;
  auto* scales = reinterpret_cast<float*>(shared + F::scales_at);
  auto* barrier = reinterpret_cast<std::uint64_t*>(scales + 2);
  float4* kept = place_of_kept<F>(p, shared);
  if (threadIdx.x == 0) barrier_init(barrier, threads);
  Feed<F> feed(p, first_in, first_out, begin - F::pad, scales);
  sums.clear();
  if constexpr (F::products == 3) keep<F, false>(sums, kept);
  __syncthreads();
  // dy's line `begin` is the last but one and lies in place 0.
#pragma unroll 1
  for (int i = 0; i <= K; ++i) {
    feed.load();
    feed.store(x_lines + i * F::x_line, dy_lines + (i + 4 - K) % F::dy_ring * F::dy_line);
  }
  __syncthreads();

  const std::uint32_t x_lane =
      shared_address(x_lines) + (lane % 16 + lane / 16) * pitch + warp * 16;
  const std::uint32_t dy_lane =
      shared_address(dy_lines) + (lane / 16 * 8 + lane % 8) * pitch + lane / 8 % 2 * 16;
  int row = begin % (p.h + 1), x_place = 0, dy_place = 0;
#pragma unroll 1
  for (int step = 0; step < end - begin; ++step) {
    feed.load();
    if (row != p.h) {
      std::uint32_t x[K];
#pragma unroll
      for (int r = 0; r < K; ++r) {
        x[r] = x_lane + (x_place + r - (x_place + r >= F::x_ring ? F::x_ring : 0)) * F::x_line;
      }
      multiply_line(sums, dy_lane + dy_place * F::dy_line, x);
    }
    row = row == p.h ? 0 : row + 1;
    // All warps have ended the step before: its first lines can go, its own stores have come. So a
    // warp may be a step ahead of the others, and one rounds while others multiply.
    if (step > 0) barrier_wait(barrier, (step - 1) % 2);
    feed.store(x_lines + (x_place == 0 ? F::x_ring - 1 : x_place - 1) * F::x_line,
               dy_lines + (dy_place == 0 ? F::dy_ring - 1 : dy_place - 1) * F::dy_line);
    barrier_arrive(barrier);
    x_place = x_place == F::x_ring - 1 ? 0 : x_place + 1;
    dy_place = dy_place == F::dy_ring - 1 ? 0 : dy_place + 1;
    if constexpr (F::products == 3) {
      if (step % flush == flush - 1) keep<F, true>(sums, kept);
    }
  }
  if constexpr (F::products == 3) {
    keep<F, true>(sums, kept);
#pragma unroll
    for (int i = 0; i < F::taps * blocks_of_16; ++i) {
      const float4 v = kept[i * threads];
      float(&s)[4] = sums.of[i / blocks_of_16][i % blocks_of_16];
      s[0] = v.x, s[1] = v.y, s[2] = v.z, s[3] = v.w;
    }
  }
}

/// Blocks of one split, which read the same pixels, run side by side.
template <class F>
__global__ void __launch_bounds__(threads, 1) products(const __grid_constant__ Problem p) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  extern __shared__ __align__(16) unsigned char shared[];
  const int in_tiles = (p.c_in + tile - 1) / tile, out_tiles = (p.c_out + tile - 1) / tile;
  const int block = static_cast<int>(blockIdx.x), split = block / (in_tiles * out_tiles);
  const int first_out = block / in_tiles % out_tiles * tile, first_in = block % in_tiles * tile;
  const auto bound = [&](std::int64_t i) { return static_cast<int>(p.lines * i / p.splits); };
  Sums<F> sums;
  sum_lines<F>(sums, p, first_out, first_in, bound(split), bound(split + 1), shared);
  write<F>(sums, p, split, first_out, first_in);
#endif
}

}  // namespace hikaku::cuda::wgrad
