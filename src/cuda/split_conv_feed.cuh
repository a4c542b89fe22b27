// How a block of the split convolution is fed. It computes 16 columns of F::rows image rows for
// F::outs channels, a chunk of input channels after the other. Of a chunk, the pixels of the tile
// and those around it come once from global memory, through registers, where they are split, and
// serve all taps; the weights, split before, come as they are, one row of taps (a stage) at a time.
//
// In shared memory 8 channels of one pixel, or of one output channel's weight, are 16 bytes, and
// neighbours lie side by side: so 8 pixels from any place on are read without a bank conflict, and
// a tap to the right is 16 bytes further.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "cuda/magnitude.cuh"
#include "cuda/mma.cuh"

namespace hikaku::cuda::split {

constexpr int threads = 128;  ///< two blocks run on a multiprocessor: one begins while one ends
constexpr int columns = 16;   ///< of a tile: the rows of an mma
constexpr int warp_rows = 4;  ///< image rows of a warp
constexpr int warp_outs = 64;
constexpr int parts = 2;   ///< high and low
constexpr int octet = 16;  ///< bytes of 8 channels
constexpr int depth = 16;  ///< channels of an mma
constexpr int w_ring = 3;  ///< stages in shared memory: one is read, two are on their way
constexpr int x_ring = 2;  ///< chunks

/// K x K taps; a block of Down x Across warps.
template <int K, int Down, int Across>
struct Form {
  static_assert(Down * Across * 32 == threads);
  static constexpr int kernel = K, down = Down, across = Across;
  static constexpr int taps = K * K, pad = (K - 1) / 2;
  static constexpr int rows = Down * warp_rows, outs = Across * warp_outs;
  static constexpr int depths = K == 1 ? 2 : 1;  ///< of a chunk
  static constexpr int channels = depths * depth, octets = channels / 8;
  static constexpr int halo_columns = columns + K - 1;
  static constexpr int pixels = (rows + K - 1) * halo_columns;
  /// From octet to octet: more than the pixels, so that the stores of a pixel's octets meet
  /// different banks.
  static constexpr int x_octet = (pixels * octet + 127) / 128 * 128 + 128 / octets;
  static constexpr int x_part = octets * x_octet, x_chunk = parts * x_part;
  static constexpr int w_octet = outs * octet, w_part = octets * w_octet;
  static constexpr int w_tap = parts * w_part, w_stage = K * w_tap;
  static constexpr int shared_bytes = x_ring * x_chunk + w_ring * w_stage;
  static constexpr int quads = channels / 4;  ///< threads that load one pixel, 16 bytes each
};

struct Problem {
  const float* from;            ///< NHWC
  float* to;                    ///< NHWC
  const float *addend, *bias;   ///< or null
  const unsigned char* weight;  ///< [out tile][chunk][tap][part][octet][out][8] of f16
  const std::uint32_t *from_largest, *weight_largest;
  int from_stride, to_stride;  ///< of a pixel
  int h, w, c_in, c_out;
  int tiles_of_column, tiles_of_row;  ///< of an image
  int chunks;
};

/// The pixels of a tile and those around it. While one chunk is multiplied, a thread loads its
/// share of the next in so many turns.
template <class F, int turns>
class Pixels {
  static constexpr int share = (F::pixels * F::quads + turns * threads - 1) / (turns * threads);

 public:
  /// The tile's first pixel, in image `image`.
  __device__ Pixels(const Problem& problem, int image, int row, int column)
      : p_(problem),
        from_(problem.from +
              static_cast<std::int64_t>(image) * problem.h * problem.w * problem.from_stride),
        row_(row - F::pad),
        column_(column - F::pad),
        scale_(power_of_two(scale_exponent(*problem.from_largest))) {}

  /// Begins to load what this turn brings.
  __device__ void load(int chunk, int turn) {
#pragma unroll
    for (int j = 0; j < share; ++j) {
      const int i = index(turn, j), pixel = i / F::quads;
      const int row = row_ + pixel / F::halo_columns, column = column_ + pixel % F::halo_columns;
      const int c = chunk * F::channels + i % F::quads * 4;
      ahead_[j] = {0, 0, 0, 0};
      if (pixel < F::pixels && row >= 0 && row < p_.h && column >= 0 && column < p_.w &&
          c < p_.c_in) {
        ahead_[j] = load_streaming(from_ + (row * p_.w + column) * p_.from_stride + c);
      }
    }
  }

  /// Stores what was loaded, scaled and split.
  __device__ void store(unsigned char* chunk, int turn) const {
#pragma unroll
    for (int j = 0; j < share; ++j) {
      const int i = index(turn, j), pixel = i / F::quads, quad = i % F::quads;
      if (pixel >= F::pixels) continue;
      unsigned char* to = chunk + quad / 2 * F::x_octet + pixel * octet + quad % 2 * (octet / 2);
      const float4 v{ahead_[j].x * scale_, ahead_[j].y * scale_, ahead_[j].z * scale_,
                     ahead_[j].w * scale_};
      const uint2 high = round_high(v);
      *reinterpret_cast<uint2*>(to) = high;
      *reinterpret_cast<uint2*>(to + F::x_part) = round_low(v, high);
    }
  }

 private:
  __device__ static int index(int turn, int j) {
    return (turn * share + j) * threads + static_cast<int>(threadIdx.x);
  }

  const Problem& p_;
  const float* from_;
  int row_, column_;
  float scale_;
  float4 ahead_[share];
};

/// Begins to copy a stage of weights, which lie in a row; one group of copies, perhaps empty.
template <class F>
__device__ void copy_weights(const unsigned char* weight, int stage, int stages,
                             std::uint32_t ring) {
  if (stage < stages) {
    const unsigned char* from = weight + static_cast<std::int64_t>(stage) * F::w_stage;
    const std::uint32_t to = ring + stage % w_ring * F::w_stage;
#pragma unroll
    for (int at = 0; at < F::w_stage; at += threads * octet) {
      const int mine = at + static_cast<int>(threadIdx.x) * octet;
      copy_async(to + mine, from + mine);
    }
  }
  end_copies();
}

}  // namespace hikaku::cuda::split
