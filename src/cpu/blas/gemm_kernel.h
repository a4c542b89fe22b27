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

template <class T>
struct TileOperands {
  long depth;
  const T* a;  ///< [depth, tile_rows], packed
  const T* b;  ///< [depth, tile_columns], packed, aligned to 64 bytes
  const T*
      next_b;  ///< half a strip that will be wanted next; only prefetched, so any address will do
};

/// c (+)= a * b for one tile; rows of c are `stride` elements apart. Overwrites c unless
/// `accumulate`.
void multiply_tile_avx512(const TileOperands<float>& in, float* c, long stride, bool accumulate);
void multiply_tile_avx512(const TileOperands<double>& in, double* c, long stride, bool accumulate);

}  // namespace hikaku
