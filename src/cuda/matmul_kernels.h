// Kernels of the matrix product.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace hikaku::cuda {

/// What a matrix of f32 holds, as bits of absolute values, so that larger is larger; kept in a form
/// whose start is all zeros. A line is a row of A or a column of B.
struct MatrixRange {
  std::uint32_t largest = 0;
  std::uint32_t under_smallest = 0;       ///< ~smallest nonzero element, or 0
  std::uint32_t under_smallest_line = 0;  ///< ~smallest nonzero maximum of a line, or 0
};

/// `ranges` [2], of A and B, and `lines` [2 n] are overwritten.
void scan_ranges(const float* a, const float* b, std::int64_t n, std::uint32_t* lines,
                 MatrixRange* ranges, cudaStream_t stream);

/// A matrix [n, n] times `scale` as high + low / 2048, two f16 whose rows are `step` elements
/// apart: 22 bits and two signs.
struct SplitMatrix {
  const float* from;
  void *high, *low;
  std::int64_t n, step;
  float scale;
};
void split_matrix(const SplitMatrix& matrix, cudaStream_t stream);

/// to[j, i] = from[i, j] for bytes; rows `step_from` and `step_to` apart.
void transpose_bytes(const void* from, std::int64_t step_from, void* to, std::int64_t step_to,
                     std::int64_t n, cudaStream_t stream);

}  // namespace hikaku::cuda
