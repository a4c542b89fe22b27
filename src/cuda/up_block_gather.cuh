// The gather of up_block: z = sum over taps (p, q) of (U_p maps_pq U_q' + border_pq), two rows and
// two columns of z from the three rows and columns of the maps around one pixel.
#pragma once

#include "cuda/up_block_walk.cuh"

namespace hikaku::cuda {

/// What a gather reads.
template <class T>
struct GatherArgs {
  WalkShape shape;
  const T* maps;        ///< [n, h, w, 4 * channels]
  const float* border;  ///< [4, channels]
};

/// One column of the maps, combined to two columns of z.
template <class T, int N>
class GatherColumn {
 public:
  __device__ GatherColumn(const GatherArgs<T>& args, const Stretch& at)
      : channels_(args.shape.channels),
        row_(static_cast<std::int64_t>(args.shape.columns.size) * up_taps * channels_),
        start_(start_of(args.maps, args.shape, at, up_taps * channels_)) {
    const UpAxis& columns = args.shape.columns;
    const bool right = at.column + 1 < columns.size;
    left_ = at.column > 0 ? -up_taps * channels_ : 0;
    right_ = right ? up_taps * channels_ : 0;
    even_ = columns.even(at.column);
    odd_ = columns.odd(at.column);
    // Of tap (p, 1) at the second column; it looks outside at the last one.
    next_ = right ? columns.even(at.column + 1) : 0.0f;
    next_rest_ = right ? 1 - next_ : 0.0f;
    border_ = args.border + at.channel;
    right_inside_ = right;
  }

  /// The border's part of taps (p, q) in column j of z, where their row is inside.
  __device__ void border(int p, int j, float (&sum)[N]) const {
    float outer[N];
    load_floats(border_ + 2 * p * channels_, sum);
    load_floats(border_ + (2 * p + 1) * channels_, outer);
#pragma unroll
    for (int i = 0; i < N; ++i) sum[i] += j == 0 || right_inside_ ? outer[i] : 0.0f;
  }

  /// sums[p][j]: what taps (p, q) of this row of the maps give to column j of z, before rows are
  /// mixed.
  __device__ void combine(int row, float (&sums)[2][2][N]) const {
    const T* from = start_ + row * row_;
    Pack<T, N> taken[2][5];
#pragma unroll
    for (int p = 0; p < 2; ++p) {
      const T* inner = from + 2 * p * channels_;
      const T* outer = inner + channels_;
      taken[p][0] = load<N>(inner + left_);
      taken[p][1] = load<N>(inner);
      taken[p][2] = load<N>(inner + right_);
      taken[p][3] = load<N>(outer);
      taken[p][4] = load<N>(outer + right_);
    }
    const float even_rest = 1 - even_, odd_rest = 1 - odd_;
#pragma unroll
    for (int p = 0; p < 2; ++p) {
#pragma unroll
      for (int i = 0; i < N; ++i) {
        const float here = taken[p][1].get(i), there = taken[p][2].get(i);
        const float outer = taken[p][3].get(i), outer_there = taken[p][4].get(i);
        float first = even_ * taken[p][0].get(i);
        first = fmaf(even_rest, here, first);
        first = fmaf(odd_rest, outer, first);
        sums[p][0][i] = fmaf(odd_, outer_there, first);
        float second = odd_rest * here;
        second = fmaf(odd_, there, second);
        second = fmaf(next_, outer, second);
        sums[p][1][i] = fmaf(next_rest_, outer_there, second);
      }
    }
  }

 private:
  int channels_, left_, right_;
  std::int64_t row_;
  const T* start_;
  float even_, odd_, next_, next_rest_;
  const float* border_;
  bool right_inside_;
};

/// visit(i, j, z) for rows i = 2 first .. 2 last - 1 of z and the columns 2 column + j, j = 0, 1.
template <class T, int N, class Visit>
__device__ void walk_gather(const GatherArgs<T>& args, const Stretch& at, Visit&& visit) {
  const GatherColumn<T, N> column(args, at);
  const Ahead<T, N> maps_to_come = maps_ahead<T, N>(args.shape, at, args.maps);
  const UpAxis& rows = args.shape.rows;
  // `constant` is the border's part; `even` becomes row 2 row, which begins at the row above.
  float here[2][2][N], below[2][2][N], even[2][N], constant[2][N];
  column.combine(max(at.first - 1, 0), below);
  column.combine(at.first, here);
  const float share = rows.even(at.first);
#pragma unroll
  for (int j = 0; j < 2; ++j) {
    float lower[N];
    column.border(0, j, constant[j]);
    column.border(1, j, lower);
#pragma unroll
    for (int i = 0; i < N; ++i) {
      constant[j][i] += lower[i];
      even[j][i] = fmaf(share, below[0][j][i], fmaf(1 - share, here[0][j][i], constant[j][i]));
    }
  }
  for (int row = at.first; row < at.last; ++row) {
    const bool last = row + 1 == rows.size;
    if (row + 3 <= min(at.last, rows.size - 1)) maps_to_come.row(row + 3);
    column.combine(last ? row : row + 1, below);
    if (last) {  // the second row has no taps (1, q)
      column.border(0, 0, constant[0]);
      column.border(0, 1, constant[1]);
    }
    const float odd = rows.odd(row), odd_rest = 1 - odd;
    const float next = rows.even(row + 1), next_rest = 1 - next;
    const float outer = last ? 0.0f : next, outer_rest = last ? 0.0f : next_rest;
#pragma unroll
    for (int j = 0; j < 2; ++j) {
      float first[N], second[N];
#pragma unroll
      for (int i = 0; i < N; ++i) {
        first[i] = fmaf(odd, below[1][j][i], fmaf(odd_rest, here[1][j][i], even[j][i]));
        second[i] = fmaf(odd, below[0][j][i], fmaf(odd_rest, here[0][j][i], constant[j][i]));
        second[i] = fmaf(outer_rest, below[1][j][i], fmaf(outer, here[1][j][i], second[i]));
        even[j][i] = fmaf(next_rest, below[0][j][i], fmaf(next, here[0][j][i], constant[j][i]));
        here[0][j][i] = below[0][j][i];
        here[1][j][i] = below[1][j][i];
      }
      visit(2 * row, j, first);
      visit(2 * row + 1, j, second);
    }
  }
}

/// Sums of z and z^2, for z is small where its mean is (UpArrays).
template <class T, int N>
__global__ void __launch_bounds__(sweep_threads, walk_blocks)
    gather_moments(GatherArgs<T> args, float* partial) {
  const Stretch at = Stretch::of<N, true>(args.shape);
  float sums[2][N] = {};
  if (at.inside) {
    walk_gather<T, N>(args, at, [&](int, int, const float(&z)[N]) {
#pragma unroll
      for (int i = 0; i < N; ++i) {
        sums[0][i] += z[i];
        sums[1][i] = fmaf(z[i], z[i], sums[1][i]);
      }
    });
  }
  reduce_block<N>(sums, args.shape.channels, partial);
}

template <class T, int N>
__global__ void __launch_bounds__(sweep_threads, walk_blocks)
    gather_affine(GatherArgs<T> args, const float* scale, const float* offset, Rows<T> y) {
  const Stretch at = Stretch::of<N, false>(args.shape);
  if (!at.inside) return;
  float a[N], b[N];
  load_floats(scale + at.channel, a);
  load_floats(offset + at.channel, b);
  const std::int64_t width = 2 * args.shape.columns.size;
  T* start =
      y.data + at.channel +
      (2 * static_cast<std::int64_t>(at.image) * args.shape.rows.size * width + 2 * at.column) *
          y.stride;
  walk_gather<T, N>(args, at, [&](int row, int j, const float(&z)[N]) {
    Pack<T, N> out;
#pragma unroll
    for (int i = 0; i < N; ++i) out.set(i, fmaf(a[i], z[i], b[i]));
    store(start + (row * width + j) * y.stride, out);
  });
}

}  // namespace hikaku::cuda
