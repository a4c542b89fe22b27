#include "cpu/blas/gemm_kernel.h"

namespace hikaku {
namespace {

template <class T>
void multiply_tile(const TileOperands<T>& in, T* c, long stride, bool accumulate) {
  typedef T Vector __attribute__((vector_size(64)));
  typedef T Unaligned __attribute__((vector_size(64), aligned(sizeof(T)), may_alias));
  constexpr int lanes = 64 / static_cast<int>(sizeof(T));
  const T *a = in.a, *b = in.b, *next_b = in.next_b;

  Vector sums[tile_rows][2] = {};
  const auto step = [&] {
    const Vector b0 = *reinterpret_cast<const Vector*>(b);
    const Vector b1 = *reinterpret_cast<const Vector*>(b + lanes);
#pragma GCC unroll 14
    for (int row = 0; row < tile_rows; ++row) {
      sums[row][0] += a[row] * b0;
      sums[row][1] += a[row] * b1;
    }
    __builtin_prefetch(next_b, 0, 2);
    a += tile_rows;
    b += 2 * lanes;
    next_b += lanes;
  };
  // C comes from main memory and the next strip of B from the last cache. Both are asked for little
  // by little: all at once would keep the loads of A waiting.
  constexpr long steps_per_row = 4;
  long k = 0;
  const T* row_of_c = c;
  if (in.depth >= steps_per_row * tile_rows) {
    for (; k < steps_per_row * tile_rows; k += steps_per_row) {
      __builtin_prefetch(row_of_c, 1);
      __builtin_prefetch(row_of_c + 2 * lanes - 1, 1);
      row_of_c += stride;
#pragma GCC unroll 4
      for (int i = 0; i < steps_per_row; ++i) step();
    }
  }
  for (; k < in.depth; ++k) step();
#pragma GCC unroll 14
  for (int row = 0; row < tile_rows; ++row) {
    auto* out = reinterpret_cast<Unaligned*>(c + row * stride);
    out[0] = accumulate ? out[0] + sums[row][0] : sums[row][0];
    out[1] = accumulate ? out[1] + sums[row][1] : sums[row][1];
  }
}

}  // namespace

void multiply_tile_avx512(const TileOperands<float>& in, float* c, long stride, bool accumulate) {
  multiply_tile(in, c, stride, accumulate);
}
void multiply_tile_avx512(const TileOperands<double>& in, double* c, long stride, bool accumulate) {
  multiply_tile(in, c, stride, accumulate);
}

}  // namespace hikaku
