#include "cpu/blas/gemm_kernel.h"

namespace hikaku {
namespace {

template <class T>
void multiply_tile(long depth, const T* a, const T* b, T* c, long stride, bool accumulate) {
  typedef T Vector __attribute__((vector_size(64)));
  typedef T Unaligned __attribute__((vector_size(64), aligned(sizeof(T)), may_alias));
  constexpr int lanes = 64 / static_cast<int>(sizeof(T));

  // C comes from main memory; it is wanted when the loop below ends.
  for (int row = 0; row < tile_rows; ++row) {
    __builtin_prefetch(c + row * stride, 1);
    __builtin_prefetch(c + row * stride + 2 * lanes - 1, 1);
  }
  Vector sums[tile_rows][2] = {};
  for (long k = 0; k < depth; ++k) {
    const Vector b0 = *reinterpret_cast<const Vector*>(b);
    const Vector b1 = *reinterpret_cast<const Vector*>(b + lanes);
#pragma GCC unroll 14
    for (int row = 0; row < tile_rows; ++row) {
      sums[row][0] += a[row] * b0;
      sums[row][1] += a[row] * b1;
    }
    a += tile_rows;
    b += 2 * lanes;
  }
#pragma GCC unroll 14
  for (int row = 0; row < tile_rows; ++row) {
    auto* out = reinterpret_cast<Unaligned*>(c + row * stride);
    out[0] = accumulate ? out[0] + sums[row][0] : sums[row][0];
    out[1] = accumulate ? out[1] + sums[row][1] : sums[row][1];
  }
}

}  // namespace

void multiply_tile_avx512(long depth, const float* a, const float* b, float* c, long stride,
                          bool accumulate) {
  multiply_tile(depth, a, b, c, stride, accumulate);
}
void multiply_tile_avx512(long depth, const double* a, const double* b, double* c, long stride,
                          bool accumulate) {
  multiply_tile(depth, a, b, c, stride, accumulate);
}

}  // namespace hikaku
