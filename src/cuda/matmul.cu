#include <algorithm>

#include "cuda/check.h"
#include "cuda/magnitude.cuh"
#include "cuda/matmul_kernels.h"
#include "cuda/vector.cuh"

namespace hikaku::cuda {
namespace {

constexpr int threads = 256;
constexpr unsigned row_splits = 64;
constexpr unsigned lanes = 32;
constexpr int tile = 64;  ///< of the transpose

struct Extremes {
  std::uint32_t largest = 0, under_smallest = 0;

  __device__ void add(float value) {
    const std::uint32_t bits = magnitude_bits(value);
    largest = max(largest, bits);
    if (bits != 0) under_smallest = max(under_smallest, ~bits);
  }
};

/// The largest of the block, for thread 0.
__device__ std::uint32_t block_max(std::uint32_t value) {
  __shared__ std::uint32_t shared[threads / lanes];
  for (unsigned step = lanes / 2; step > 0; step /= 2) {
    value = max(value, __shfl_xor_sync(0xffffffffu, value, static_cast<int>(step)));
  }
  __syncthreads();
  if (threadIdx.x % lanes == 0) shared[threadIdx.x / lanes] = value;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (const std::uint32_t other : shared) value = max(value, other);
  }
  return value;
}

/// Maxima do not depend on the order in which they are taken, so atomics give the same each time.
__global__ void scan_rows(const float* a, std::int64_t n, std::uint32_t* lines,
                          MatrixRange* range) {
  const float* row = a + blockIdx.x * n;
  Extremes found;
  for (std::int64_t i = threadIdx.x; i < n; i += threads) found.add(row[i]);
  const std::uint32_t largest = block_max(found.largest);
  const std::uint32_t under_smallest = block_max(found.under_smallest);
  if (threadIdx.x != 0) return;
  lines[blockIdx.x] = largest;
  atomicMax(&range->largest, largest);
  atomicMax(&range->under_smallest, under_smallest);
}

__global__ void scan_columns(const float* b, std::int64_t n, std::uint32_t* lines,
                             MatrixRange* range) {
  const std::int64_t column = static_cast<std::int64_t>(blockIdx.x) * threads + threadIdx.x;
  Extremes found;
  if (column < n) {
#pragma unroll 8
    for (std::int64_t i = blockIdx.y; i < n; i += row_splits) found.add(b[i * n + column]);
    atomicMax(lines + column, found.largest);
  }
  const std::uint32_t largest = block_max(found.largest);
  const std::uint32_t under_smallest = block_max(found.under_smallest);
  if (threadIdx.x != 0) return;
  atomicMax(&range->largest, largest);
  atomicMax(&range->under_smallest, under_smallest);
}

__global__ void scan_lines(const std::uint32_t* lines, std::int64_t n, MatrixRange* ranges) {
  std::uint32_t under_smallest = 0;
  for (std::int64_t i = threadIdx.x; i < n; i += threads) {
    const std::uint32_t line = lines[blockIdx.x * n + i];
    if (line != 0) under_smallest = max(under_smallest, ~line);
  }
  under_smallest = block_max(under_smallest);
  if (threadIdx.x == 0) ranges[blockIdx.x].under_smallest_line = under_smallest;
}

template <int N>
__global__ void split(SplitMatrix matrix) {
  const std::int64_t column = (static_cast<std::int64_t>(blockIdx.x) * threads + threadIdx.x) * N;
  if (column >= matrix.n) return;
  for (std::int64_t row = blockIdx.y; row < matrix.n; row += gridDim.y) {
    const auto from = load<N>(matrix.from + row * matrix.n + column);
    Pack<__half, N> high, low;
#pragma unroll
    for (int i = 0; i < N; ++i) {
      const float value = from.get(i) * matrix.scale;
      high.set(i, value);
      low.set(i, (value - high.get(i)) * 2048.0f);
    }
    const std::int64_t at = row * matrix.step + column;
    store(static_cast<__half*>(matrix.high) + at, high);
    store(static_cast<__half*>(matrix.low) + at, low);
  }
}

/// A thread reads and writes four bytes at once where rows allow it.
__global__ void transpose(const std::uint8_t* from, std::int64_t step_from, std::uint8_t* to,
                          std::int64_t step_to, std::int64_t n, bool words) {
  __shared__ alignas(4) std::uint8_t shared[tile][tile + 4];
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.y) * tile;
  const std::int64_t column = static_cast<std::int64_t>(blockIdx.x) * tile;
  const int first = static_cast<int>(threadIdx.x) * 4;
  for (int r = static_cast<int>(threadIdx.y); r < tile && row + r < n; r += 16) {
    const std::uint8_t* source = from + (row + r) * step_from + column + first;
    if (words && column + first + 4 <= n) {
      *reinterpret_cast<uchar4*>(&shared[r][first]) = *reinterpret_cast<const uchar4*>(source);
      continue;
    }
    for (int k = 0; k < 4 && column + first + k < n; ++k) shared[r][first + k] = source[k];
  }
  __syncthreads();
  for (int r = static_cast<int>(threadIdx.y); r < tile && column + r < n; r += 16) {
    std::uint8_t* target = to + (column + r) * step_to + row + first;
    if (words && row + first + 4 <= n) {
      *reinterpret_cast<uchar4*>(target) = {shared[first][r], shared[first + 1][r],
                                            shared[first + 2][r], shared[first + 3][r]};
      continue;
    }
    for (int k = 0; k < 4 && row + first + k < n; ++k) target[k] = shared[first + k][r];
  }
}

unsigned blocks_of(std::int64_t count, std::int64_t each) {
  return static_cast<unsigned>((count + each - 1) / each);
}

}  // namespace

void scan_ranges(const float* a, const float* b, std::int64_t n, std::uint32_t* lines,
                 MatrixRange* ranges, cudaStream_t stream) {
  const auto bytes = static_cast<std::size_t>(n) * sizeof(std::uint32_t);
  HIKAKU_CUDA(cudaMemsetAsync(ranges, 0, 2 * sizeof(MatrixRange), stream));
  HIKAKU_CUDA(cudaMemsetAsync(lines, 0, 2 * bytes, stream));
  scan_rows<<<static_cast<unsigned>(n), threads, 0, stream>>>(a, n, lines, ranges);
  scan_columns<<<dim3(blocks_of(n, threads), row_splits), threads, 0, stream>>>(b, n, lines + n,
                                                                                ranges + 1);
  scan_lines<<<2, threads, 0, stream>>>(lines, n, ranges);
  HIKAKU_CUDA(cudaGetLastError());
}

void split_matrix(const SplitMatrix& matrix, cudaStream_t stream) {
  constexpr int n = 4;
  const auto rows = static_cast<unsigned>(std::min<std::int64_t>(matrix.n, 65535));
  const bool vectors = matrix.n % n == 0 && matrix.step % n == 0 &&
                       reinterpret_cast<std::uintptr_t>(matrix.from) % (n * sizeof(float)) == 0;
  if (vectors) {
    split<n><<<dim3(blocks_of(matrix.n, n * threads), rows), threads, 0, stream>>>(matrix);
  } else {
    split<1><<<dim3(blocks_of(matrix.n, threads), rows), threads, 0, stream>>>(matrix);
  }
  HIKAKU_CUDA(cudaGetLastError());
}

void transpose_bytes(const void* from, std::int64_t step_from, void* to, std::int64_t step_to,
                     std::int64_t n, cudaStream_t stream) {
  const bool words =
      step_from % 4 == 0 && step_to % 4 == 0 && reinterpret_cast<std::uintptr_t>(from) % 4 == 0;
  transpose<<<dim3(blocks_of(n, tile), blocks_of(n, tile)), dim3(16, 16), 0, stream>>>(
      static_cast<const std::uint8_t*>(from), step_from, static_cast<std::uint8_t*>(to), step_to, n,
      words);
  HIKAKU_CUDA(cudaGetLastError());
}

}  // namespace hikaku::cuda
