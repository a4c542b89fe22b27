// The stencils of up_block at the low resolution: U'U is tridiagonal, so what would be sums over
// the upsampled map are sums over 3x3 neighbours here.
#pragma once

#include "cuda/up_block_walk.cuh"

namespace hikaku::cuda {

/// A turn is short here: memory answers after three or four.
constexpr int rows_ahead = 4;

template <class T>
struct StencilArgs {
  WalkShape shape;
  const T* x;           ///< [n, h, w, channels]
  const float* centre;  ///< [channels], subtracted first: a large mean would cancel the rest away
};

/// One column of (x - centre), and of (x - centre) U'U.
template <class T, int N>
class StencilColumn {
 public:
  __device__ StencilColumn(const StencilArgs<T>& args, const Stretch& at, const float (&centre)[N])
      : row_(static_cast<std::int64_t>(args.shape.columns.size) * args.shape.channels),
        start_(start_of(args.x, args.shape, at, args.shape.channels)) {
    left_ = at.column > 0 ? args.shape.channels : 0;
    right_ = at.column + 1 < args.shape.columns.size ? args.shape.channels : 0;
    const float* table = args.shape.columns.table + at.column * up_table + band_00;
#pragma unroll
    for (int d = 0; d < 3; ++d) band_[d] = table[d];
#pragma unroll
    for (int i = 0; i < N; ++i) centre_[i] = centre[i];
  }
  __device__ Ahead<T, N, 1> ahead(const StencilArgs<T>& args, const Stretch& at) const {
    return {args.shape, at, start_, row_};
  }
  __device__ void combine(int r, float (&here)[N], float (&mixed)[N]) const {
    const T* from = start_ + r * row_;
    const Pack<T, N> left = load<N>(from - left_), middle = load<N>(from);
    const Pack<T, N> right = load<N>(from + right_);
#pragma unroll
    for (int i = 0; i < N; ++i) {
      here[i] = middle.get(i) - centre_[i];
      const float sides =
          fmaf(band_[0], left.get(i) - centre_[i], band_[2] * (right.get(i) - centre_[i]));
      mixed[i] = fmaf(band_[1], here[i], sides);
    }
  }

 private:
  std::int64_t row_;
  const T* start_;
  int left_, right_;
  float band_[3], centre_[N];
};

/// The mean of four pixels, which is near enough to the mean of all.
template <class T, int N>
__device__ void sample_centre(const T* x, const WalkShape& shape, int images, int channel,
                              float (&centre)[N]) {
  const auto pixels = static_cast<std::int64_t>(images) * shape.rows.size * shape.columns.size;
#pragma unroll
  for (int k = 1; k < 8; k += 2) {
    const auto pack = load<N>(x + pixels * k / 8 * shape.channels + channel);
#pragma unroll
    for (int i = 0; i < N; ++i) centre[i] += 0.25f * pack.get(i);
  }
}

/// Sums of the upsampled x less `centre`, and of its square: <s s', xc> and <xc, U'U xc U'U>. The
/// second is symmetric, so a row is multiplied with itself and, twice, with the row above. Writes
/// args.centre, too.
template <class T, int N>
__global__ void __launch_bounds__(sweep_threads, stencil_blocks)
    upsampled_moments(StencilArgs<T> args, int images, float* centre_out, float* partial) {
  const Stretch at = Stretch::of<N, true>(args.shape);
  float sums[2][N] = {};
  if (at.inside) {
    float centre[N] = {}, above[N] = {}, here[N], mixed[N];
    sample_centre<T, N>(args.x, args.shape, images, at.channel, centre);
    if (blockIdx.y == 0 && threadIdx.y == 0) {
#pragma unroll
      for (int i = 0; i < N; ++i) centre_out[at.channel + i] = centre[i];
    }
    const StencilColumn<T, N> column(args, at, centre);
    const Ahead<T, N, 1> to_come = column.ahead(args, at);
    const float column_sum = args.shape.columns.table[at.column * up_table + sum_0];
    if (at.first > 0) column.combine(at.first - 1, above, mixed);
#pragma unroll 2
    for (int r = at.first; r < at.last; ++r) {
      const float* band = args.shape.rows.table + r * up_table;
      if (r + rows_ahead < at.last) to_come.row(r + rows_ahead);
      column.combine(r, here, mixed);
      const float weight = band[sum_0] * column_sum;
#pragma unroll
      for (int i = 0; i < N; ++i) {
        sums[0][i] = fmaf(weight, here[i], sums[0][i]);
        const float rows = fmaf(band[band_00 + 1], here[i], 2 * band[band_00] * above[i]);
        sums[1][i] = fmaf(rows, mixed[i], sums[1][i]);
        above[i] = here[i];
      }
    }
  }
  reduce_block<N>(sums, args.shape.channels, partial);
}

/// part = constant * s s' + slope * U'U (x - centre) U'U.
template <class T, int N>
__global__ void __launch_bounds__(sweep_threads, stencil_blocks)
    input_part(StencilArgs<T> args, const float* constant, const float* slope, T* part) {
  const Stretch at = Stretch::of<N, true>(args.shape);
  if (!at.inside) return;
  float centre[N], flat[N], factor[N], unused[N], above[N] = {}, here[N], below[N];
  load_floats(args.centre + at.channel, centre);
  load_floats(constant + at.channel, flat);
  load_floats(slope + at.channel, factor);
  const StencilColumn<T, N> column(args, at, centre);
  const Ahead<T, N, 1> to_come = column.ahead(args, at);
  const float column_sum = args.shape.columns.table[at.column * up_table + sum_0];
#pragma unroll
  for (int i = 0; i < N; ++i) flat[i] *= column_sum;
  T* out = start_of(part, args.shape, at, args.shape.channels);
  const std::int64_t row = static_cast<std::int64_t>(args.shape.columns.size) * args.shape.channels;
  if (at.first > 0) column.combine(at.first - 1, unused, above);
  column.combine(at.first, unused, here);
  for (int r = at.first; r < at.last; ++r) {
    const float* band = args.shape.rows.table + r * up_table;
    if (r + 1 + rows_ahead < at.last) to_come.row(r + 1 + rows_ahead);
    column.combine(min(r + 1, args.shape.rows.size - 1), unused, below);
    Pack<T, N> pack;
#pragma unroll
    for (int i = 0; i < N; ++i) {
      const float sides = fmaf(band[band_00], above[i], band[band_00 + 2] * below[i]);
      const float mixed = fmaf(band[band_00 + 1], here[i], sides);
      pack.set(i, fmaf(factor[i], mixed, flat[i] * band[sum_0]));
      above[i] = here[i];
      here[i] = below[i];
    }
    store(out + r * row, pack);
  }
}

}  // namespace hikaku::cuda
