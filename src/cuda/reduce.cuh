// Passes over items (pixels, or 2x2 windows) x channels, and sums over all items for each channel
// in two levels without atomics: equal bits from run to run.
#pragma once

#include <algorithm>
#include <cstdint>

#include "cuda/check.h"

namespace hikaku::cuda {

constexpr int sweep_threads = 256;
constexpr int warp_size = 32;
constexpr unsigned all_lanes = 0xffffffffu;

/// Blocks of `kernel` that a GPU runs at once. A pass of that many begins and ends once, goes over
/// memory once from end to end, and leaves few sums to finish.
template <class Kernel>
int resident_blocks(Kernel* kernel, int multiprocessors) {
  int blocks = 0;
  HIKAKU_CUDA(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, sweep_threads, 0));
  return std::max(blocks, 1) * multiprocessors;
}
/// No multiprocessor has threads for more.
constexpr int most_resident_blocks = 2048 / sweep_threads;

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
    const std::int64_t wanted =
        std::clamp<std::int64_t>(blocks / static_cast<int>(grid.x), 1, 65535);
    // No more than what gives the busiest thread as many items.
    const std::int64_t turns = (useful + wanted - 1) / wanted;
    grid.y = static_cast<unsigned>((useful + turns - 1) / turns);
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
/// row[which * channels + channel]. All threads of a Sweep's block call it.
template <int N>
__device__ void reduce_to_row(float (&sums)[2][N], int channels, float* row) {
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
    if (channel < channels) row[static_cast<std::int64_t>(which) * channels + channel] = sum;
  }
}

/// Likewise to partial [gridDim.y, 2, channels].
template <int N>
__device__ void reduce_block(float (&sums)[2][N], int channels, float* partial) {
  reduce_to_row<N>(sums, channels, partial + static_cast<std::int64_t>(blockIdx.y) * 2 * channels);
}

/// Blocks of `finish_block` finish `finish_channels` channels each.
constexpr int finish_channels = 8;
constexpr int finish_rows = 64;
/// Splits whose loads are in flight together in one thread.
constexpr int finish_flight = 8;

inline dim3 finish_grid(std::int64_t channels) {
  return dim3(static_cast<unsigned>((channels + finish_channels - 1) / finish_channels));
}
inline dim3 finish_block() { return dim3(finish_channels, finish_rows); }

__device__ inline int finish_channel() {
  return static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
}

/// Where K sums of each channel lie: [splits, K, channels].
template <class S>
struct Partial {
  const S* data;
  int splits, channels;
};

/// Adds up this thread's channel over the splits, in double; valid where threadIdx.y is 0. All
/// threads of a finish_block() call it.
template <int K, class S>
__device__ void sum_splits(const Partial<S>& partial, int channel, double (&sums)[K]) {
  constexpr int rows_of_warp = warp_size / finish_channels, warps = finish_rows / rows_of_warp;
  constexpr int flight = finish_flight / (K > 4 ? 4 : 1);
  __shared__ double shared[warps][K][finish_channels];
#pragma unroll
  for (int k = 0; k < K; ++k) sums[k] = 0;
  const int first = static_cast<int>(threadIdx.y);
  for (int split = first; split < partial.splits; split += flight * finish_rows) {
    S loaded[flight][K];
#pragma unroll
    for (int turn = 0; turn < flight; ++turn) {
      const int at = split + turn * finish_rows;
      const bool inside = at < partial.splits && channel < partial.channels;
      const S* row = partial.data + static_cast<std::int64_t>(at) * K * partial.channels + channel;
#pragma unroll
      for (int k = 0; k < K; ++k) loaded[turn][k] = inside ? row[k * partial.channels] : S{0};
    }
#pragma unroll
    for (int turn = 0; turn < flight; ++turn) {
#pragma unroll
      for (int k = 0; k < K; ++k) sums[k] += static_cast<double>(loaded[turn][k]);
    }
  }
#pragma unroll
  for (int k = 0; k < K; ++k) {
#pragma unroll
    for (int lanes = finish_channels; lanes < warp_size; lanes *= 2) {
      sums[k] += __shfl_xor_sync(all_lanes, sums[k], lanes);
    }
    if (first % rows_of_warp == 0) shared[first / rows_of_warp][k][threadIdx.x] = sums[k];
  }
  __syncthreads();
  if (first != 0) return;
#pragma unroll
  for (int k = 0; k < K; ++k) {
    sums[k] = 0;
#pragma unroll
    for (int warp = 0; warp < warps; ++warp) sums[k] += shared[warp][k][threadIdx.x];
  }
}

}  // namespace hikaku::cuda
