// The gradient of the four maps. dz = a dy + b z + c would have to be sent back to them; but
// sending is linear, and z itself was gathered from the maps:
//   D = send(dz) = a send(dy) + b send(gather(maps + border)) + c send(1)
// send(gather(.)) is a stencil at the low resolution, A_pp' maps A_qq'' (UpBand), so that z is not
// formed again and send(dy), which the sums of batch norm 2 need anyway, is formed once.
#pragma once

#include "cuda/up_block_walk.cuh"

namespace hikaku::cuda {

template <class T>
struct MapsArgs {
  WalkShape shape;
  const T* maps;
  T* sent;                         ///< send(dy), becomes D
  const float *dy, *z, *constant;  ///< a, b and c + b * (sum of border); [channels]
  const float* border;             ///< [4, channels]
};

/// Sums of D by tap, [splits, 4, channels], of the values that were stored: the weight's gradient
/// multiplies those by x, and what x's mean adds is taken off again exactly (up_block_weight.cuh).
/// A thread's own sums lie in shared memory, for registers are dear; sums[tap][threadIdx].
template <int N>
struct SentSums {
  alignas(N * sizeof(float)) float value[up_taps][wide_threads][N];

  __device__ static int thread() {
    return static_cast<int>(threadIdx.y * blockDim.x + threadIdx.x);
  }
  __device__ void clear() {
#pragma unroll
    for (int tap = 0; tap < up_taps; ++tap) {
#pragma unroll
      for (int i = 0; i < N; ++i) value[tap][thread()][i] = 0;
    }
  }
  template <class T>
  __device__ void add(int tap, const Pack<T, N>& pack) {
    float sum[N];
    load_floats(value[tap][thread()], sum);
#pragma unroll
    for (int i = 0; i < N; ++i) sum[i] += pack.get(i);
    store_floats(value[tap][thread()], sum);
  }
  /// All threads of the block call it.
  __device__ void reduce(int channels, float* partial) const {
    __syncthreads();
    const int tile = static_cast<int>(blockDim.x), width = tile * N;
    for (int k = thread(); k < up_taps * width; k += wide_threads) {
      const int tap = k / width, at = k % width;
      const int channel = static_cast<int>(blockIdx.x) * width + at;
      if (channel >= channels) continue;
      float sum = 0;
      for (int row = 0; row < wide_threads; row += tile) sum += value[tap][row + at / N][at % N];
      partial[(static_cast<std::int64_t>(blockIdx.y) * up_taps + tap) * channels + channel] = sum;
    }
  }
};

/// One column of the stencil: mixed[q] of tap row p is what maps (p, 0) and (p, 1) give to taps
/// (., q), before rows are mixed.
template <class T, int N>
class MapsColumn {
 public:
  __device__ MapsColumn(const MapsArgs<T>& args, const Stretch& at)
      : channels_(args.shape.channels),
        row_(static_cast<std::int64_t>(args.shape.columns.size) * up_taps * channels_),
        start_(start_of(args.maps, args.shape, at, up_taps * channels_)),
        band_(args.shape.columns, at.column) {
#pragma unroll
    for (int d = 0; d < 5; ++d) {
      const int there = at.column + d - 2;
      const bool inside = there >= 0 && there < args.shape.columns.size;
      step_[d] = inside ? (d - 2) * up_taps * channels_ : 0;  // bands that look outside hold 0
    }
  }
  __device__ void combine(int r, int p, float (&mixed)[2][N]) const {
    const T* inner = start_ + r * row_ + 2 * p * channels_;
    const T* outer = inner + channels_;
    Pack<T, N> a[4], b[4];
#pragma unroll
    for (int d = 0; d < 4; ++d) a[d] = load<N>(inner + step_[d]);
#pragma unroll
    for (int d = 0; d < 4; ++d) b[d] = load<N>(outer + step_[d + 1]);
#pragma unroll
    for (int i = 0; i < N; ++i) {
      float first = band_[band_01 + 3] * b[3].get(i), second = band_[band_10] * a[0].get(i);
#pragma unroll
      for (int d = 0; d < 3; ++d) {
        const float value = a[d + 1].get(i), other = b[d].get(i);
        first = fmaf(band_[band_00 + d], value, first);
        first = fmaf(band_[band_01 + d], other, first);
        second = fmaf(band_[band_10 + 1 + d], value, second);
        second = fmaf(band_[band_11 + d], other, second);
      }
      mixed[0][i] = first;
      mixed[1][i] = second;
    }
  }

 private:
  int channels_;
  std::int64_t row_;
  const T* start_;
  Bands band_;
  int step_[5];
};

/// Turns finished rows of the stencil into D. Factors of channels are read anew for each row: they
/// are near, and registers are dear.
template <class T, int N>
class MapsWriter {
 public:
  __device__ MapsWriter(const MapsArgs<T>& args, const Stretch& at)
      : args_(args),
        channel_(at.channel),
        row_(static_cast<std::int64_t>(args.shape.columns.size) * up_taps * args.shape.channels),
        sent_(start_of(args.sent, args.shape, at, up_taps * args.shape.channels)),
        last_column_(at.column + 1 == args.shape.columns.size) {
    const float* table = args.shape.columns.table + at.column * up_table;
    column_sum_[0] = table[sum_0];
    column_sum_[1] = table[sum_1];
  }

  __device__ void put(int r, int p, const float (&mixed)[2][N], SentSums<N>& sums) const {
    const int channels = args_.shape.channels;
    T* to = sent_ + r * row_ + 2 * p * channels;
    const Pack<T, N> sent[2] = {load<N>(to), load<N>(to + channels)};
    float dy[N], z[N], constant[N];
    load_floats(args_.dy + channel_, dy);
    load_floats(args_.z + channel_, z);
    load_floats(args_.constant + channel_, constant);
    const float row_sum = args_.shape.rows.table[r * up_table + sum_0 + p];
    const bool last_row = p == 0 && r + 1 == args_.shape.rows.size;
#pragma unroll
    for (int q = 0; q < 2; ++q) {
      Pack<T, N> pack;
      float sum[N];
      const float share = row_sum * column_sum_[q];
#pragma unroll
      for (int i = 0; i < N; ++i) {
        float value = fmaf(z[i], mixed[q][i], share * constant[i]);
        if (last_row || (q == 0 && last_column_)) value -= z[i] * outside(row_sum, q, last_row, i);
        sum[i] = fmaf(dy[i], sent[q].get(i), value);
      }
      pack.set_all(sum);
      store(to + q * channels, pack);
      sums.add(2 * p + q, pack);
    }
  }

 private:
  /// What of the border is not there: `constant` counts all taps' as if they were inside
  /// everywhere, but those of taps (p, 1) are not at the last column, nor those of taps (1, q) at
  /// the last row.
  __device__ float outside(float row_sum, int q, bool last_row, int i) const {
    const auto border = [&](int tap) {
      return args_.border[tap * args_.shape.channels + channel_ + i];
    };
    const bool last_column = q == 0 && last_column_;
    float sum = last_column ? row_sum * (border(1) + border(3)) : 0.0f;
    if (last_row) {
      const float inside = column_sum_[q] - (last_column ? 1.0f : 0.0f);
      sum += fmaf(border(2), column_sum_[q], border(3) * inside);
    }
    return sum;
  }

  const MapsArgs<T>& args_;
  int channel_;
  std::int64_t row_;
  T* sent_;
  bool last_column_;
  float column_sum_[2];
};

/// Rows of taps (0, q) that wait for later rows of the maps, at r - 2, r - 1, r when row r comes;
/// rows of taps (1, q) at r - 1, r, r + 1.
template <int N>
struct OpenRows {
  float tap_0[3][2][N] = {}, tap_1[3][2][N] = {};

  /// Adds a row; `done` [p][q] are then complete: row r - 2 of taps (0, q), row r - 1 of taps (1,
  /// q).
  __device__ void add(const Bands& band, const float (&inner)[2][N], const float (&outer)[2][N],
                      float (&done)[2][2][N]) {
#pragma unroll
    for (int q = 0; q < 2; ++q) {
#pragma unroll
      for (int i = 0; i < N; ++i) {
        const float a = inner[q][i], b = outer[q][i];
        // A_01[r', r] = A_10[r, r']: the row of the table is that of r.
        done[0][q][i] = fmaf(band[band_10], b, tap_0[0][q][i]);
        tap_0[0][q][i] = fmaf(band[band_10 + 1], b, fmaf(band[band_00], a, tap_0[1][q][i]));
        tap_0[1][q][i] = fmaf(band[band_10 + 2], b, fmaf(band[band_00 + 1], a, tap_0[2][q][i]));
        tap_0[2][q][i] = fmaf(band[band_10 + 3], b, band[band_00 + 2] * a);
        done[1][q][i] = fmaf(band[band_11], b, fmaf(band[band_01], a, tap_1[0][q][i]));
        tap_1[0][q][i] = fmaf(band[band_11 + 1], b, fmaf(band[band_01 + 1], a, tap_1[1][q][i]));
        tap_1[1][q][i] = fmaf(band[band_11 + 2], b, fmaf(band[band_01 + 2], a, tap_1[2][q][i]));
        tap_1[2][q][i] = band[band_01 + 3] * a;
      }
    }
  }
};

template <class T, int N>
__device__ void walk_maps(const MapsArgs<T>& args, const Stretch& at, SentSums<N>& sums) {
  const MapsColumn<T, N> column(args, at);
  const MapsWriter<T, N> writer(args, at);
  const Ahead<T, N> maps_to_come = maps_ahead<T, N>(args.shape, at, args.maps);
  const Ahead<T, N> sent_to_come = maps_ahead<T, N>(args.shape, at, args.sent);
  OpenRows<N> open;
  for (int r = max(at.first - 2, 0); r < at.last + 2; ++r) {
    float inner[2][N] = {}, outer[2][N] = {}, done[2][2][N];
    const bool inside = r < args.shape.rows.size;  // below the map there are zeros
    // A turn takes longer than memory needs to answer. The next turn writes row r.
    if (r + 1 < min(at.last + 2, args.shape.rows.size)) maps_to_come.row(r + 1);
    if (r >= at.first && r < at.last) sent_to_come.row(r);
    if (inside) {
      column.combine(r, 0, inner);
      column.combine(r, 1, outer);
    }
    const Bands band(args.shape.rows, min(r, args.shape.rows.size - 1));
    open.add(band, inner, outer, done);
    if (r - 2 >= at.first) writer.put(r - 2, 0, done[0], sums);
    if (r - 1 >= at.first && r - 1 < at.last) writer.put(r - 1, 1, done[1], sums);
  }
}

template <class T, int N>
__global__ void __launch_bounds__(wide_threads, wide_blocks)
    gradient_maps(MapsArgs<T> args, float* partial) {
  __shared__ SentSums<N> sums;
  const Stretch at = Stretch::of<N, false>(args.shape);
  sums.clear();
  if (at.inside) walk_maps<T, N>(args, at, sums);
  sums.reduce(args.shape.channels, partial);
}

}  // namespace hikaku::cuda
