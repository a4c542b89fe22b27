// How the passes of up_block go over a map at the low resolution: a thread takes four channels (one
// vector) of one column and walks down some rows, keeping in registers what the next row needs
// again. Four channels, not the eight that 16 bytes of a 16-bit type would hold: twice the threads
// with half the registers, and a warp still reads whole lines.
#pragma once

#include <algorithm>

#include "cuda/reduce.cuh"
#include "cuda/up_block_kernels.h"
#include "cuda/vector.cuh"

namespace hikaku::cuda {

constexpr int walk_vector = 4;
/// Blocks in flight on a multiprocessor: two of 256 threads may have 128 registers a thread.
constexpr int walk_blocks = 2;
constexpr int stencil_blocks = 3;  ///< the passes over x need fewer

/// The pass that reads two rows beside its piece on each side has smaller blocks, of fewer channels
/// and as many columns, for it reads two columns more on each side, too.
constexpr int wide_threads = 128;
constexpr int wide_blocks = 3;
constexpr int wide_tile = 16;

/// The launch: grid.x over vectors of channels, grid.y over images, pieces of rows and groups of
/// columns. A block of sweep_threads is that of a Sweep, so reduce_block() works.
struct Walk {
  dim3 grid, block;
  int rows;            ///< of a piece
  int pieces, groups;  ///< of an image

  /// `blocks` of `threads` are wanted at most. A piece has `least_rows` or more, for it begins and
  /// ends with rows that its neighbours read, too.
  Walk(const UpPlan& plan, int vectors, int threads, int most_tile, int blocks, int least_rows) {
    int tile = 1;
    while (tile < vectors && tile < most_tile) tile *= 2;
    block = dim3(static_cast<unsigned>(tile), static_cast<unsigned>(threads / tile));
    const auto columns = static_cast<int>(block.y);
    grid.x = static_cast<unsigned>((vectors + tile - 1) / tile);
    groups = (plan.columns.size + columns - 1) / columns;
    const int strips = plan.n * groups;
    const int wanted = std::max(blocks / (static_cast<int>(grid.x) * strips), 1);
    rows = std::max((plan.rows.size + wanted - 1) / wanted, std::min(least_rows, plan.rows.size));
    pieces = (plan.rows.size + rows - 1) / rows;
    grid.y = static_cast<unsigned>(strips * pieces);
  }
};
/// Of passes that read one row beside their piece; blocks for the GPU to be filled twice with
/// `resident` on a multiprocessor.
inline Walk narrow_walk(const UpPlan& plan, int vectors, int resident) {
  return {plan, vectors, sweep_threads, warp_size, 2 * resident * plan.multiprocessors, 4};
}
/// Of the pass that reads two on each side; likewise.
inline Walk wide_walk(const UpPlan& plan, int vectors) {
  return {plan, vectors, wide_threads, wide_tile, 2 * wide_blocks * plan.multiprocessors, 8};
}

/// What kernels know of the launch and of the map.
struct WalkShape {
  UpAxis rows, columns;
  int piece, pieces, groups;
  int channels;  ///< that threads share out

  WalkShape(const UpPlan& plan, const Walk& walk, int channels)
      : rows(plan.rows),
        columns(plan.columns),
        piece(walk.rows),
        pieces(walk.pieces),
        groups(walk.groups),
        channels(channels) {}
};

/// A thread's part of the work.
struct Stretch {
  int image, column, first, last, channel;  ///< rows [first, last)
  bool inside;                              ///< else the thread has nothing to do

  /// `back`: the first blocks take the end of the maps. What was written in order before is read so
  /// while its end is in the L2 cache, and its begin is there for the pass that follows.
  template <int N, bool back>
  __device__ static Stretch of(const WalkShape& shape) {
    const auto item = static_cast<int>(back ? gridDim.y - 1 - blockIdx.y : blockIdx.y);
    const int group = item % shape.groups, rest = item / shape.groups;
    Stretch at;
    at.image = rest / shape.pieces;
    at.first = rest % shape.pieces * shape.piece;
    at.last = min(at.first + shape.piece, shape.rows.size);
    at.column = group * static_cast<int>(blockDim.y) + static_cast<int>(threadIdx.y);
    at.channel = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x) * N;
    at.inside = at.column < shape.columns.size && at.channel < shape.channels;
    return at;
  }
};

/// The place of (image, row 0, column, channel) in a dense NHWC tensor of `channels`.
template <class T>
__device__ T* start_of(T* data, const WalkShape& shape, const Stretch& at, int channels) {
  const std::int64_t pixel =
      static_cast<std::int64_t>(at.image) * shape.rows.size * shape.columns.size + at.column;
  return data + pixel * channels + at.channel;
}

/// Asks for what a pass reads some rows later to come into the L2 cache: so many bytes are on their
/// way that memory is busy, and they take no registers. A row of one thread's column is `segments`
/// times the block's channels: segment s begins s % 2 times `inner` and s / 2 times `outer` behind
/// `start`. The column's threads share them out, 4 * N elements a thread.
template <class T, int N, int segments = up_taps>
class Ahead {
 public:
  /// `start` is of the thread's column and its channel at.channel, in row 0.
  __device__ Ahead(const WalkShape& shape, const Stretch& at, const T* start, std::int64_t row,
                   std::int64_t inner = 0, std::int64_t outer = 0)
      : row_(row) {
    const auto x = static_cast<int>(threadIdx.x), tile = static_cast<int>(blockDim.x);
    const int parts = max(tile / 4, 1), segment = x / parts;
    const int channel = (static_cast<int>(blockIdx.x) * tile + x % parts * 4) * N;
    count_ = segment < segments ? min(shape.channels - channel, 4 * N) : 0;
    from_ = start + (channel - at.channel) + segment % 2 * inner + segment / 2 * outer;
  }
  __device__ void row(int r) const {
    const T* from = from_ + r * row_;
#pragma unroll
    for (int i = 0; i < 4 * N; i += sector) {
      if (i < count_) asm volatile("prefetch.global.L2 [%0];" ::"l"(from + i));
    }
  }

 private:
  static constexpr int sector = 32 / static_cast<int>(sizeof(T));  ///< memory is read by sectors
  const T* from_;
  std::int64_t row_;
  int count_;
};

/// Of maps, rows of pixels of four taps.
template <class T, int N>
__device__ Ahead<T, N> maps_ahead(const WalkShape& shape, const Stretch& at, const T* maps) {
  const int channels = up_taps * shape.channels;
  return {shape,
          at,
          start_of(maps, shape, at, channels),
          static_cast<std::int64_t>(shape.columns.size) * channels,
          shape.channels,
          2 * shape.channels};
}

/// `from` lies at a multiple of N floats (N is 1, 2 or 4).
template <int N>
__device__ void load_floats(const float* from, float (&to)[N]) {
  if constexpr (N == 2) {
    const float2 loaded = *reinterpret_cast<const float2*>(from);
    to[0] = loaded.x, to[1] = loaded.y;
  } else if constexpr (N == 4) {
    const float4 loaded = *reinterpret_cast<const float4*>(from);
    to[0] = loaded.x, to[1] = loaded.y, to[2] = loaded.z, to[3] = loaded.w;
  } else {
#pragma unroll
    for (int i = 0; i < N; ++i) to[i] = from[i];
  }
}

template <int N>
__device__ void store_floats(float* to, const float (&from)[N]) {
  if constexpr (N == 4) {
    *reinterpret_cast<float4*>(to) = {from[0], from[1], from[2], from[3]};
  } else {
#pragma unroll
    for (int i = 0; i < N; ++i) to[i] = from[i];
  }
}

/// A row of an axis's table.
struct Bands {
  float value[up_table];

  __device__ Bands(const UpAxis& axis, int r) {
    const auto* from = reinterpret_cast<const float4*>(axis.table + r * up_table);
#pragma unroll
    for (int i = 0; i < up_table / 4; ++i) {
      const float4 loaded = from[i];
      value[4 * i] = loaded.x, value[4 * i + 1] = loaded.y;
      value[4 * i + 2] = loaded.z, value[4 * i + 3] = loaded.w;
    }
  }
  __device__ float operator[](int i) const { return value[i]; }
};

/// run.operator()<T, N>(): N is `vector` where all channel counts and places allow it, else 1.
template <int vector = walk_vector, class F>
void dispatch_walk(DType type, bool vectors, const F& run) {
  dispatch_type(type, [&]<class T>() {
    if (vectors) {
      run.template operator()<T, vector>();
    } else {
      run.template operator()<T, 1>();
    }
  });
}
inline bool walks_vectors(const Tensor& tensor) {
  return has_vectors(tensor, walk_vector * static_cast<std::int64_t>(size_of(tensor.dtype)));
}

}  // namespace hikaku::cuda
