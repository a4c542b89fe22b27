// How a block of the weight gradient is fed: which pixels belong to which step, and their way from
// f32 in global memory through registers to f16 in shared memory.
//
// An image row is cut into runs of 16 pixels (zeros behind its end), the depth of one mma. A column
// of runs is one run's place in all rows of an image; a group is `Form::runs` such columns, side by
// side in memory or not, of the same image or not. The rows of all groups, one after the other and
// after each group's last row a separator row of zeros, are the lines: one step takes one line of
// dy and the K lines of x around it, of which all but one are in shared memory already. So each
// element of dy and x is loaded once (x: 18/16 times) for all K * K taps.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "cuda/magnitude.cuh"
#include "cuda/mma.cuh"

namespace hikaku::cuda::wgrad {

constexpr int threads = 256;
constexpr int tile = 64;               ///< channels of a block, of x and of dy
constexpr int run = 16;                ///< pixels
constexpr int pitch = (tile + 8) * 2;  ///< bytes of a pixel in shared memory: no bank conflicts
constexpr int quads = tile / 4;        ///< threads that load one pixel, 16 bytes each
static_assert(threads / quads == run, "one load of all threads is one run");

/// K x K taps; `Products` 1: of operands rounded to f16; 3: of operands split into two of f16.
/// `Far`: the sums that the others move to lie in global memory, for a GPU whose shared memory they
/// do not fit into; it is read and written once in `flush` lines, from L2.
template <int K, int Products, bool Far = false>
struct Form {
  static constexpr int kernel = K, products = Products;
  static constexpr bool far = Far;
  static constexpr int taps = K * K, pad = (K - 1) / 2;
  static constexpr int lead = K - 1 - pad;  ///< lines that x is read ahead of dy
  static constexpr int parts = Products == 1 ? 1 : 2;
  static constexpr int runs = Products == 1 ? 4 : 2;  ///< of a line
  static constexpr int x_run = (run + K - 1) * pitch;
  static constexpr int x_part = runs * x_run, x_line = parts * x_part;
  static constexpr int dy_run = run * pitch;
  static constexpr int dy_part = runs * dy_run, dy_line = parts * dy_part;
  /// Lines in shared memory: those of a step and, loaded ahead, one for each of the next two.
  static constexpr int x_ring = K + 2, dy_ring = 3;
  static constexpr int scales_at = x_ring * x_line + dy_ring * dy_line;  ///< and a barrier
  static constexpr int feed_bytes = scales_at + 16;
  static constexpr int edge_threads = runs * (K - 1) * quads;  ///< load the pixels beside the runs
  static_assert(edge_threads <= threads && K <= 3);
};

struct Problem {
  const float *x, *dy;                          ///< NHWC
  const std::uint32_t *x_largest, *dy_largest;  ///< bits of the largest magnitude
  float* partial;                               ///< [split][c_out][tap][c_in]
  float4* kept;                                 ///< of a Far form: kept_bytes a block
  int x_stride, dy_stride;                      ///< of a pixel
  int n, h, w, c_in, c_out;
  int runs_of_row, columns;  ///< of runs: n * runs_of_row
  int lines, splits;
};

/// A thread's share: 4 channels of one pixel of each run.
template <class F>
class Feed {
 public:
  /// The first line of x to load; `line` may be -1, a separator.
  /// `scales`: 2 floats in shared memory, ready after the next barrier.
  __device__ Feed(const Problem& problem, int x_channel, int dy_channel, int line, float* scales)
      : p_(problem), thread_(static_cast<int>(threadIdx.x)), scales_(scales) {
    if (thread_ == 0) {
      scales[0] = power_of_two(scale_exponent(*problem.x_largest));
      scales[1] = power_of_two(scale_exponent(*problem.dy_largest));
    }
    x_channel += thread_ % quads * 4;
    dy_channel += thread_ % quads * 4;
    x_ = problem.x + x_channel;
    dy_ = problem.dy + dy_channel;
    x_has_ = x_channel < problem.c_in;
    dy_has_ = dy_channel < problem.c_out;
    group_ = line < 0 ? -1 : line / (problem.h + 1);
    row_ = line < 0 ? problem.h : line % (problem.h + 1);
    locate();
  }

  /// Begins to load a line of x and the line of dy that is F::lead lines before.
  __device__ void load() {
    const float4 zero{0, 0, 0, 0};
    const int dy_row = row_ - F::lead;
    const bool x_row_has = row_ < p_.h && x_has_;
    const bool dy_row_has = dy_row >= 0 && dy_row < p_.h && dy_has_;
    const float* x = x_ + static_cast<std::int64_t>(row_ * p_.w) * p_.x_stride;
    const float* dy = dy_ + static_cast<std::int64_t>(dy_row * p_.w) * p_.dy_stride;
#pragma unroll
    for (int i = 0; i < F::runs; ++i) {
      dy_ahead_[i] = zero;
      x_ahead_[i] = zero;
      if (dy_row_has && inside(i)) dy_ahead_[i] = fetch(dy, p_.dy_stride, at_[i]);
      if (x_row_has && inside(i)) x_ahead_[i] = fetch(x, p_.x_stride, at_[i]);
    }
    if constexpr (F::edge_threads > 0) {
      edge_ahead_ = zero;
      if (x_row_has && inside(F::runs)) edge_ahead_ = fetch(x, p_.x_stride, edge_at_);
    }
    if (++row_ > p_.h) {
      row_ = 0;
      ++group_;
      locate();
    }
  }

  /// Stores what was loaded, scaled and rounded. The scales come from shared memory here, or the
  /// compiler would round, and so wait, where the load begins.
  __device__ void store(unsigned char* x, unsigned char* dy) const {
    const int pixel = thread_ / quads, channel = thread_ % quads * 8;
    const float x_scale = scales_[0], dy_scale = scales_[1];
#pragma unroll
    for (int i = 0; i < F::runs; ++i) {
      split<F::dy_part>(dy + i * F::dy_run + pixel * pitch + channel, dy_ahead_[i], dy_scale);
      split<F::x_part>(x + i * F::x_run + (pixel + F::pad) * pitch + channel, x_ahead_[i], x_scale);
    }
    if constexpr (F::edge_threads > 0) {
      if (thread_ < F::edge_threads) {
        unsigned char* to = x + edge_run() * F::x_run + channel;
        split<F::x_part>(to + (left() ? 0 : run + F::pad) * pitch, edge_ahead_, x_scale);
      }
    }
  }

 private:
  __device__ bool inside(int i) const { return (inside_ >> i & 1u) != 0; }
  __device__ int edge_run() const { return pixel() / beside; }
  __device__ bool left() const { return pixel() % beside < F::pad; }
  __device__ int pixel() const { return thread_ / quads; }

  __device__ static float4 fetch(const float* from, int stride, int at) {
    return load_streaming(from + static_cast<std::int64_t>(at) * stride);
  }

  /// Where this thread's pixels of the group lie in their images' first rows.
  __device__ void locate() {
    inside_ = 0;
#pragma unroll
    for (int i = 0; i < F::runs; ++i) at_[i] = place(i, pixel(), i);
    if constexpr (F::edge_threads > 0) {
      if (thread_ < F::edge_threads) edge_at_ = place(edge_run(), left() ? -1 : run, F::runs);
    }
  }

  __device__ int place(int i, int offset, int bit) {
    const int column = group_ * F::runs + i;
    const int image = column / p_.runs_of_row;
    const int j = (column - image * p_.runs_of_row) * run + offset;
    if (group_ >= 0 && column < p_.columns && j >= 0 && j < p_.w) inside_ |= 1u << bit;
    return image * p_.h * p_.w + j;
  }

  template <int part>
  __device__ static void split(unsigned char* to, float4 v, float scale) {
    v = {v.x * scale, v.y * scale, v.z * scale, v.w * scale};
    const uint2 high = round_high(v);
    *reinterpret_cast<uint2*>(to) = high;
    if constexpr (F::parts == 2) *reinterpret_cast<uint2*>(to + part) = round_low(v, high);
  }

  static constexpr int beside = F::kernel > 1 ? F::kernel - 1 : 1;

  const Problem& p_;
  int thread_;
  const volatile float* scales_;
  const float *x_, *dy_;
  bool x_has_, dy_has_;
  int group_, row_;
  unsigned inside_ = 0;  ///< bit i: of run i; bit F::runs: of the pixel beside
  int at_[F::runs], edge_at_ = 0;
  float4 dy_ahead_[F::runs], x_ahead_[F::runs], edge_ahead_;
};

}  // namespace hikaku::cuda::wgrad
