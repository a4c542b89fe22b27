// The innermost loop of the matrix product: a tile of C kept in registers. Compiled with the flags
// of its instruction set, so this header includes nothing (see measure/peak_kernel.h for the
// reason).
#pragma once

namespace hikaku {

/// A tile is `tile_rows` x two vectors: 28 sums, two vectors of B and one of A fill the 32
/// registers of AVX-512.
inline constexpr int tile_rows = 14;
template <class T>
inline constexpr int tile_columns = 2 * 64 / static_cast<int>(sizeof(T));

/// c (+)= a * b for one tile. `a` is [depth, tile_rows] and `b` [depth, tile_columns], both packed,
/// b aligned to 64 bytes; rows of c are `stride` elements apart. Overwrites c unless `accumulate`.
void multiply_tile_avx512(long depth, const float* a, const float* b, float* c, long stride,
                          bool accumulate);
void multiply_tile_avx512(long depth, const double* a, const double* b, double* c, long stride,
                          bool accumulate);

}  // namespace hikaku
