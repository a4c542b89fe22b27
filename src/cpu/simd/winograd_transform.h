// Winograd's minimal filtering F(4x4, 3x3) (Lavin & Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2016): a 4x4 tile of the output from a 6x6 tile of the input with 36 products a pair
// of channels instead of 144,
//   Y = A' [(G g G') * (B' d B')] A,
// by Cook & Toom at the points 0, a, -a, b, -b and infinity. a = 5/8 and b = 3/2 keep the rounding
// errors small (the points of oneDNN's kernels; with 1 and 2 they are about twice as large).
#pragma once

#include "cpu/simd/vec.h"

namespace hikaku::cpu::HIKAKU_ISA::winograd {

inline constexpr int out_side = 4;  ///< of an output tile
inline constexpr int in_side = 6;   ///< of an input tile
inline constexpr int points = 36;   ///< products a pair of channels

inline constexpr float a = 0.625f, b = 1.5f;
inline constexpr float a2 = a * a, b2 = b * b, a3 = a2 * a, b3 = b2 * b;

/// out = B' d
inline void input_transform(const Vec d[6], Vec out[6]) {
  const Vec even_a = d[4] - b2 * d[2], odd_a = a * (d[3] - b2 * d[1]);
  const Vec even_b = d[4] - a2 * d[2], odd_b = b * (d[3] - a2 * d[1]);
  out[0] = (a2 * b2) * d[0] - (a2 + b2) * d[2] + d[4];
  out[1] = even_a + odd_a;
  out[2] = even_a - odd_a;
  out[3] = even_b + odd_b;
  out[4] = even_b - odd_b;
  out[5] = (a2 * b2) * d[1] - (a2 + b2) * d[3] + d[5];
}

/// out = A' m
inline void output_transform(const Vec m[6], Vec out[4]) {
  const Vec sum_a = m[1] + m[2], difference_a = m[1] - m[2];
  const Vec sum_b = m[3] + m[4], difference_b = m[3] - m[4];
  out[0] = m[0] + sum_a + sum_b;
  out[1] = a * difference_a + b * difference_b;
  out[2] = a2 * sum_a + b2 * sum_b;
  out[3] = a3 * difference_a + b3 * difference_b + m[5];
}

/// out = A y, the transpose of output_transform
inline void gradient_transform(const Vec y[4], Vec out[6]) {
  const Vec even_a = y[0] + a2 * y[2], odd_a = a * y[1] + a3 * y[3];
  const Vec even_b = y[0] + b2 * y[2], odd_b = b * y[1] + b3 * y[3];
  out[0] = y[0];
  out[1] = even_a + odd_a;
  out[2] = even_a - odd_a;
  out[3] = even_b + odd_b;
  out[4] = even_b - odd_b;
  out[5] = y[3];
}

inline constexpr float scale_0 = 1 / (a2 * b2);
inline constexpr float scale_a = 1 / (2 * a2 * (a2 - b2)), scale_b = 1 / (2 * b2 * (b2 - a2));

/// out = G g
inline void weight_transform(const Vec g[3], Vec out[6]) {
  const Vec even_a = scale_a * (g[0] + a2 * g[2]), odd_a = (scale_a * a) * g[1];
  const Vec even_b = scale_b * (g[0] + b2 * g[2]), odd_b = (scale_b * b) * g[1];
  out[0] = scale_0 * g[0];
  out[1] = even_a + odd_a;
  out[2] = even_a - odd_a;
  out[3] = even_b + odd_b;
  out[4] = even_b - odd_b;
  out[5] = g[2];
}

/// out = G' u, the transpose of weight_transform
inline void weight_gradient_transform(const Vec u[6], Vec out[3]) {
  const Vec sum_a = scale_a * (u[1] + u[2]), sum_b = scale_b * (u[3] + u[4]);
  out[0] = scale_0 * u[0] + sum_a + sum_b;
  out[1] = (scale_a * a) * (u[1] - u[2]) + (scale_b * b) * (u[3] - u[4]);
  out[2] = a2 * sum_a + b2 * sum_b + u[5];
}

/// Applies a one-dimensional transform to the columns and then to the rows of an N x N tile.
template <int N, int M, void (*transform)(const Vec*, Vec*)>
inline void both_ways(const Vec in[N * N], Vec out[M * M]) {
  Vec half[M * N];
  for (int column = 0; column < N; ++column) {
    Vec line[N], result[M];
    for (int i = 0; i < N; ++i) line[i] = in[i * N + column];
    transform(line, result);
    for (int i = 0; i < M; ++i) half[i * N + column] = result[i];
  }
  for (int row = 0; row < M; ++row) transform(half + row * N, out + row * M);
}

}  // namespace hikaku::cpu::HIKAKU_ISA::winograd
