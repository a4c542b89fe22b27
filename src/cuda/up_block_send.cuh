// The gather's transpose: sends a gradient at the high resolution back to the four maps. Each pixel
// of the maps collects what it gave to, so nothing is added in memory.
#pragma once

#include "cuda/up_block_walk.cuh"

namespace hikaku::cuda {

/// A point's shares in the positions 2 r - 1 .. 2 r + 2 of its axis, which is all that it gives to.
struct Shares {
  float tap_0[4];
  float tap_1_second;  ///< tap 1 has the same shares, but position 0 is none of its own

  __device__ Shares(const UpAxis& axis, int r)
      : tap_0{r > 0 ? axis.odd(r - 1) : 0.0f, 1 - axis.even(r), 1 - axis.odd(r),
              r + 1 < axis.size ? axis.even(r + 1) : 0.0f},
        tap_1_second(r > 0 ? tap_0[1] : 0.0f) {}
};

template <class T>
struct SendArgs {
  WalkShape shape;
  Rows<const T> dy;     ///< [n, 2 h, 2 w, channels]
  const T* maps;        ///< [n, h, w, 4 * channels]
  const float* centre;  ///< [4, channels], about the means of the maps
  const float* border;  ///< [4, channels]
  T* sent;              ///< as maps
  int images;
  int border_blocks;  ///< of the grid's y
};

/// One column's part: rows of dy become rows of the column, for taps q = 0 and 1.
template <class T, int N>
class SendColumn {
 public:
  __device__ SendColumn(const SendArgs<T>& args, const Stretch& at)
      : shares_(args.shape.columns, at.column), stride_(static_cast<int>(args.dy.stride)) {
    const std::int64_t width = 2 * args.shape.columns.size;
    row_ = width * stride_;
    start_ = args.dy.data + at.channel +
             2 * static_cast<std::int64_t>(at.image) * args.shape.rows.size * row_ +
             static_cast<std::int64_t>(2 * at.column) * stride_;
    left_ = at.column > 0 ? stride_ : 0;
    right_ = at.column + 1 < args.shape.columns.size ? 2 * stride_ : 0;
  }

  /// Two rows of dy, two columns each, are a row of the maps.
  __device__ Ahead<T, N> ahead(const SendArgs<T>& args, const Stretch& at) const {
    return {args.shape, at, start_, 2 * row_, stride_, row_};
  }

  /// sums[q] of row i of dy; adds its own two columns to `total`.
  __device__ void combine(int i, float (&sums)[2][N], float (*total)[N]) const {
    const T* from = start_ + i * row_;
    const Pack<T, N> far_left = load<N>(from - 2 * left_), left = load<N>(from - left_);
    const Pack<T, N> first = load<N>(from), second = load<N>(from + stride_);
    const Pack<T, N> right = load<N>(from + right_);
#pragma unroll
    for (int k = 0; k < N; ++k) {
      const float a = left.get(k), b = first.get(k), c = second.get(k);
      const float inner = fmaf(shares_.tap_0[2], c, shares_.tap_0[1] * b);
      sums[0][k] = fmaf(shares_.tap_0[0], a, fmaf(shares_.tap_0[3], right.get(k), inner));
      const float outer = fmaf(shares_.tap_0[3], c, shares_.tap_0[2] * b);
      sums[1][k] = fmaf(shares_.tap_0[0], far_left.get(k), fmaf(shares_.tap_1_second, a, outer));
      if (total != nullptr) (*total)[k] += b + c;
    }
  }

 private:
  Shares shares_;
  int stride_, left_, right_;
  std::int64_t row_;
  const T* start_;
};

/// Stores taps (p, 0) and (p, 1) of one row and adds their products with the centred maps.
template <class T, int N>
struct Sender {
  const T* maps;  ///< of the thread's column
  T* sent;
  const float* centre;  ///< of the thread's channels
  std::int64_t row;
  int channels;

  __device__ Sender(const SendArgs<T>& args, const Stretch& at)
      : maps(start_of(args.maps, args.shape, at, up_taps * args.shape.channels)),
        sent(start_of(args.sent, args.shape, at, up_taps * args.shape.channels)),
        centre(args.centre + at.channel),
        row(static_cast<std::int64_t>(args.shape.columns.size) * up_taps * args.shape.channels),
        channels(args.shape.channels) {}

  __device__ void put(int r, int p, const float (&values)[2][N], float (&product)[N]) const {
    Pack<T, N> map[2], out[2];
#pragma unroll
    for (int q = 0; q < 2; ++q) map[q] = load<N>(maps + r * row + (2 * p + q) * channels);
#pragma unroll
    for (int q = 0; q < 2; ++q) {
      float middle[N];
      load_floats(centre + (2 * p + q) * channels, middle);
#pragma unroll
      for (int i = 0; i < N; ++i) {
        product[i] = fmaf(values[q][i], map[q].get(i) - middle[i], product[i]);
        out[q].set(i, values[q][i]);
      }
      store(sent + r * row + (2 * p + q) * channels, out[q]);
    }
  }
};

/// The walk of one thread; sums[0] += dy, sums[1] += sent * (maps - centre).
template <class T, int N>
__device__ void walk_send(const SendArgs<T>& args, const Stretch& at, float (&sums)[2][N]) {
  const SendColumn<T, N> column(args, at);
  const Sender<T, N> sender(args, at);
  const Ahead<T, N> maps_to_come = maps_ahead<T, N>(args.shape, at, args.maps);
  const Ahead<T, N> dy_to_come = column.ahead(args, at);
  // Rows of dy at 2 row - 2 and 2 row - 1, then at 2 row and 2 row + 1; tap (0, q) waits for 2 row
  // + 2.
  float before[2][2][N] = {}, here[2][2][N], open[2][N] = {}, done[2][N];
  float open_share = 0;
  if (at.first > 0) {
    column.combine(2 * at.first - 2, before[0], nullptr);
    column.combine(2 * at.first - 1, before[1], nullptr);
  }
  for (int r = at.first; r < at.last; ++r) {
    if (r + 1 < at.last) {
      dy_to_come.row(r + 1);
      maps_to_come.row(r + 1);
    }
    column.combine(2 * r, here[0], &sums[0]);
    column.combine(2 * r + 1, here[1], &sums[0]);
    const Shares share(args.shape.rows, r);
    if (r > at.first) {
#pragma unroll
      for (int q = 0; q < 2; ++q) {
#pragma unroll
        for (int i = 0; i < N; ++i) done[q][i] = fmaf(open_share, here[0][q][i], open[q][i]);
      }
      sender.put(r - 1, 0, done, sums[1]);
    }
#pragma unroll
    for (int q = 0; q < 2; ++q) {
#pragma unroll
      for (int i = 0; i < N; ++i) {
        float tap_1 = fmaf(share.tap_1_second, before[1][q][i], share.tap_0[0] * before[0][q][i]);
        tap_1 = fmaf(share.tap_0[2], here[0][q][i], tap_1);
        done[q][i] = fmaf(share.tap_0[3], here[1][q][i], tap_1);
        const float tap_0 = fmaf(share.tap_0[1], here[0][q][i], share.tap_0[0] * before[1][q][i]);
        open[q][i] = fmaf(share.tap_0[2], here[1][q][i], tap_0);
        before[0][q][i] = here[0][q][i];
        before[1][q][i] = here[1][q][i];
      }
    }
    open_share = share.tap_0[3];
    sender.put(r, 1, done, sums[1]);
  }
  if (at.last < args.shape.rows.size) {
    column.combine(2 * at.last, here[0], nullptr);
#pragma unroll
    for (int q = 0; q < 2; ++q) {
#pragma unroll
      for (int i = 0; i < N; ++i) open[q][i] = fmaf(open_share, here[0][q][i], open[q][i]);
    }
  }
  sender.put(at.last - 1, 0, open, sums[1]);
}

/// Sums over the last row, the last column and the corner of dy and of z, [6, channels]: what R is
/// made of. z there is U_0'1 and U_1'1 times the last row (column) of the maps.
template <class T, int N>
__device__ void border_sums(const SendArgs<T>& args, float* to) {
  const int h = args.shape.rows.size, w = args.shape.columns.size, o = args.shape.channels;
  const int channel = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x) * N;
  const int step = args.border_blocks * static_cast<int>(blockDim.y);
  const int items = channel < o ? args.images * (h + w) : 0;
  float sums[3][2][N] = {};
  for (auto item = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y); item < items;
       item += step) {
    const int image = item / (h + w), place = item % (h + w);
    const bool row = place < w;  // else of the last column
    const int m = row ? place : place - w, y = row ? h - 1 : m, x = row ? m : w - 1;
    const int tap = row ? 1 : 2;
    const T* map =
        args.maps + ((static_cast<std::int64_t>(image) * h + y) * w + x) * up_taps * o + channel;
    const auto pixel = static_cast<unsigned>((image * 2 * h + 2 * y + (row ? 1 : 0)) * 2 * w +
                                             2 * x + (row ? 0 : 1));
    const auto first = load<N>(args.dy.at(pixel, channel));
    const auto second =
        load<N>(args.dy.at(pixel + static_cast<unsigned>(row ? 1 : 2 * w), channel));
    const auto inner = load<N>(map), outer = load<N>(map + tap * o);
    const float* table = (row ? args.shape.columns : args.shape.rows).table + m * up_table;
    const float inner_share = table[sum_0], outer_share = table[sum_1];
    float inner_border[N], outer_border[N];
    load_floats(args.border + channel, inner_border);
    load_floats(args.border + tap * o + channel, outer_border);
#pragma unroll
    for (int i = 0; i < N; ++i) {
      const float corner_z = inner.get(i) + inner_border[i];
      const float dy = first.get(i) + second.get(i);
      const float z = fmaf(inner_share, corner_z, outer_share * (outer.get(i) + outer_border[i]));
      sums[0][0][i] += row ? dy : 0.0f;
      sums[0][1][i] += row ? z : 0.0f;
      sums[1][0][i] += row ? 0.0f : dy;
      sums[1][1][i] += row ? 0.0f : z;
      const bool corner = row && x + 1 == w;
      sums[2][0][i] += corner ? second.get(i) : 0.0f;
      sums[2][1][i] += corner ? corner_z : 0.0f;
    }
  }
#pragma unroll
  for (int k = 0; k < 3; ++k) {
    if (k > 0) __syncthreads();
    reduce_to_row<N>(sums[k], o, to + static_cast<std::int64_t>(2 * k) * o);
  }
}

/// The first blocks form the border's sums, [border_blocks, 6, channels], while the others send.
template <class T, int N>
__global__ void __launch_bounds__(sweep_threads, walk_blocks)
    send_gradient(SendArgs<T> args, float* partial, float* border) {
  const int channels = args.shape.channels;
  if (static_cast<int>(blockIdx.y) < args.border_blocks) {
    border_sums<T, N>(args, border + static_cast<std::int64_t>(blockIdx.y) * 6 * channels);
    return;
  }
  const Stretch at = Stretch::of<N, true>(args.shape);
  float sums[2][N] = {};
  if (at.inside) walk_send<T, N>(args, at, sums);
  const unsigned split = blockIdx.y - static_cast<unsigned>(args.border_blocks);
  reduce_to_row<N>(sums, channels, partial + static_cast<std::int64_t>(split) * 2 * channels);
}

}  // namespace hikaku::cuda
