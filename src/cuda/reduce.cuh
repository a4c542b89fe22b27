// Passes over items (pixels, or 2x2 windows) x channels, and sums over all items for each channel
// in two levels without atomics: equal bits from run to run.
#pragma once

#include <algorithm>
#include <cstdint>

namespace hikaku::cuda {

constexpr int sweep_threads = 256;
constexpr int warp_size = 32;
constexpr unsigned all_lanes = 0xffffffffu;

/// The launch of a pass: threadIdx.x runs over vectors of channels side by side in memory,
/// threadIdx.y and blockIdx.y over items.
struct Sweep {
  dim3 grid, block;

  Sweep(std::int64_t items, std::int64_t vectors, int blocks) {
    unsigned tile = 1;
    while (tile < vectors && tile < warp_size) tile *= 2;
    block = dim3(tile, sweep_threads / tile);
    grid.x = static_cast<unsigned>((vectors + tile - 1) / tile);
    const std::int64_t useful = (items + block.y - 1) / block.y;
    const std::int64_t wanted = std::max<std::int64_t>(blocks / static_cast<int>(grid.x), 1);
    grid.y = static_cast<unsigned>(std::min<std::int64_t>({useful, wanted, 65535}));
  }
};

/// Where a thread begins and how it goes on.
struct Place {
  unsigned item, step;
  int channel;
};

template <int N>
__device__ Place place() {
  return {blockIdx.y * blockDim.y + threadIdx.y, gridDim.y * blockDim.y,
          static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x) * N};
}

/// Adds the two sums of each channel over the block's items and writes them to
/// partial[(blockIdx.y * 2 + which) * channels + channel]. All threads of a Sweep's block call it.
template <int N>
__device__ void reduce_block(float (&sums)[2][N], int channels, float* partial) {
  constexpr int warps = sweep_threads / warp_size;
  __shared__ float shared[warps][2 * N * warp_size];
  const int tile = static_cast<int>(blockDim.x);
  const int thread = static_cast<int>(threadIdx.y) * tile + static_cast<int>(threadIdx.x);
#pragma unroll
  for (int which = 0; which < 2; ++which) {
#pragma unroll
    for (int i = 0; i < N; ++i) {
      float& sum = sums[which][i];
      for (int lanes = tile; lanes < warp_size; lanes *= 2) {
        sum += __shfl_xor_sync(all_lanes, sum, lanes);
      }
      if (thread % warp_size < tile) {
        shared[thread / warp_size][(which * tile + static_cast<int>(threadIdx.x)) * N + i] = sum;
      }
    }
  }
  __syncthreads();
  const int width = tile * N, first = static_cast<int>(blockIdx.x) * width;
  for (int i = thread; i < 2 * width; i += sweep_threads) {
    float sum = 0;
#pragma unroll
    for (int warp = 0; warp < warps; ++warp) sum += shared[warp][i];
    const int which = i / width, channel = first + i % width;
    if (channel < channels) {
      partial[(static_cast<std::int64_t>(blockIdx.y) * 2 + which) * channels + channel] = sum;
    }
  }
}

/// Blocks of `finish_block` finish `finish_channels` channels each.
constexpr int finish_channels = 8;
constexpr int finish_rows = 32;

inline dim3 finish_grid(std::int64_t channels) {
  return dim3(static_cast<unsigned>((channels + finish_channels - 1) / finish_channels));
}
inline dim3 finish_block() { return dim3(finish_channels, finish_rows); }

/// The sums over all blocks of this thread's channel, in double; valid where threadIdx.y is 0.
__device__ inline double2 finish_sums(const float* partial, int splits, int channels, int channel) {
  constexpr int warps = finish_channels * finish_rows / warp_size;
  __shared__ double2 shared[warps][finish_channels];
  double2 sum{0, 0};
  if (channel < channels) {
#pragma unroll 4
    for (int split = static_cast<int>(threadIdx.y); split < splits; split += finish_rows) {
      const float* row = partial + static_cast<std::int64_t>(split) * 2 * channels + channel;
      sum.x += static_cast<double>(row[0]);
      sum.y += static_cast<double>(row[channels]);
    }
  }
#pragma unroll
  for (int lanes = finish_channels; lanes < warp_size; lanes *= 2) {
    sum.x += __shfl_xor_sync(all_lanes, sum.x, lanes);
    sum.y += __shfl_xor_sync(all_lanes, sum.y, lanes);
  }
  constexpr int rows_of_warp = warp_size / finish_channels;
  if (threadIdx.y % rows_of_warp == 0) shared[threadIdx.y / rows_of_warp][threadIdx.x] = sum;
  __syncthreads();
  sum = {0, 0};
#pragma unroll
  for (int warp = 0; warp < warps; ++warp) {
    sum.x += shared[warp][threadIdx.x].x;
    sum.y += shared[warp][threadIdx.x].y;
  }
  return sum;
}

}  // namespace hikaku::cuda
