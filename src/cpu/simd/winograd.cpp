// Winograd's convolution on blocked layouts: transforms a group of tiles, multiplies at each of the
// 36 points as matrices, transforms back. A group is as large as the caches like it
// (tiles_per_group).
#include <omp.h>

#include "cpu/simd/winograd_products.h"

namespace hikaku::cpu::HIKAKU_ISA {
namespace {

constexpr std::int64_t channels_at_once = wide * block;

std::int64_t blocks_of(std::int64_t channels) {
  return (channels + channels_at_once - 1) / channels_at_once;
}

/// Few enough tiles that one thread's matrices stay in its second-level cache.
constexpr std::int64_t private_tiles = 48;
/// Enough tiles that reading the weight's matrices from memory is spread over many products.
constexpr std::int64_t shared_tiles = 252;
/// The weight's matrices up to this size stay in the last-level cache, and every thread works
/// alone.
constexpr std::int64_t private_weight_bytes = std::int64_t{12} << 20;

/// Floats of the two matrices of a group.
std::int64_t matrices_count(std::int64_t tile_count, std::int64_t c, std::int64_t o) {
  return points * (Matrices::stride_of(tile_count, c) + Matrices::stride_of(tile_count, o));
}

bool works_privately(std::int64_t c, std::int64_t o) {
  return points * c * o * static_cast<std::int64_t>(sizeof(float)) <= private_weight_bytes;
}

void forward_privately(const WinogradArgs& args, const Tiles& tiles) {
  const std::int64_t c = args.x.shape.c, o = args.y.shape.c;
#pragma omp parallel
  {
    float* own = args.scratch + omp_get_thread_num() * matrices_count(private_tiles, c, o);
    const Matrices v(own, private_tiles, c);
    const Matrices m(own + points * v.stride, private_tiles, o);
#pragma omp for schedule(dynamic)
    for (std::int64_t first = 0; first < tiles.count; first += private_tiles) {
      const std::int64_t count = lesser(tiles.count - first, private_tiles);
      for (std::int64_t t = 0; t < count; ++t) read_inputs(args.x, tiles, first, t, v);
      for (int p = 0; p < points; ++p) {
        for (std::int64_t k = 0; k < o; k += channels_at_once) {
          multiply(v, args.u, m, p, k, count);
        }
      }
      for (std::int64_t t = 0; t < count; ++t) write_outputs(args, tiles, first, t, m);
    }
  }
}

void forward_together(const WinogradArgs& args, const Tiles& tiles) {
  const std::int64_t o = args.y.shape.c;
  const Matrices v(args.scratch, shared_tiles, args.x.shape.c);
  const Matrices m(args.scratch + points * v.stride, shared_tiles, o);
#pragma omp parallel
  for (std::int64_t first = 0; first < tiles.count; first += shared_tiles) {
    const std::int64_t count = lesser(tiles.count - first, shared_tiles);
#pragma omp for
    for (std::int64_t t = 0; t < count; ++t) read_inputs(args.x, tiles, first, t, v);
#pragma omp for schedule(dynamic)
    for (std::int64_t task = 0; task < points * blocks_of(o); ++task) {
      multiply(v, args.u, m, static_cast<int>(task / blocks_of(o)),
               task % blocks_of(o) * channels_at_once, count);
    }
#pragma omp for
    for (std::int64_t t = 0; t < count; ++t) write_outputs(args, tiles, first, t, m);
  }
}

/// Element (o, c, i, j) of a convolution's weight, or of the weight that the backward pass by data
/// convolves with: rotated by half a turn, its channels exchanged.
struct WeightView {
  const float* weight;
  std::int64_t out, in;  ///< of the convolution it is used in
  bool backward;

  [[nodiscard]] float at(std::int64_t o, std::int64_t c, int k) const {
    return backward ? weight[(c * out + o) * 9 + 8 - k] : weight[(o * in + c) * 9 + k];
  }
};

}  // namespace

std::int64_t winograd_scratch(const Conv2dParams& params) {
  const std::int64_t c = params.input.c, o = params.out_channels;
  const std::int64_t together =
      matrices_count(shared_tiles, c, o);  // the weight gradient's, always
  const std::int64_t alone =
      works_privately(c, o) ? omp_get_max_threads() * matrices_count(private_tiles, c, o) : 0;
  return together > alone ? together : alone;
}

void winograd_weight(const Conv2dParams& params, const float* weight, bool backward, float* u) {
  const std::int64_t out = backward ? params.input.c : params.out_channels;
  const std::int64_t in = backward ? params.out_channels : params.input.c;
  const WeightView view{weight, out, in, backward};
#pragma omp parallel for
  for (std::int64_t g = 0; g < out / block; ++g) {
    const std::int64_t first = g * block / channels_at_once * channels_at_once;
    const std::int64_t width = lesser(out - first, channels_at_once);
    for (std::int64_t c = 0; c < in; ++c) {
      Vec kernel[9], result[points];
      for (int k = 0; k < 9; ++k) {
        for (int lane = 0; lane < block; ++lane) kernel[k][lane] = view.at(g * block + lane, c, k);
      }
      both_ways<3, 6, weight_transform>(kernel, result);
      for (int p = 0; p < points; ++p) {
        store(u + (p * out + first) * in + c * width + g * block - first, result[p]);
      }
    }
  }
}

void winograd_forward(const WinogradArgs& args) {
  const Tiles tiles(args.y.shape);
  if (works_privately(args.x.shape.c, args.y.shape.c)) {
    forward_privately(args, tiles);
  } else {
    forward_together(args, tiles);
  }
}

void winograd_backward_weight(const WinogradArgs& args, float* du, float* dweight) {
  const Tensor& dy = args.y;
  const Tiles tiles(dy.shape);
  const std::int64_t in = args.x.shape.c, out = dy.shape.c;
  const Matrices v(args.scratch, shared_tiles, in);
  const Matrices m(args.scratch + points * v.stride, shared_tiles, out);
#pragma omp parallel
  {
    for (std::int64_t first = 0; first < tiles.count; first += shared_tiles) {
      const std::int64_t count = lesser(tiles.count - first, shared_tiles);
#pragma omp for
      for (std::int64_t t = 0; t < count; ++t) {
        read_inputs(args.x, tiles, first, t, v);
        read_gradients(dy, tiles, first, t, m);
      }
#pragma omp for schedule(dynamic)
      for (std::int64_t task = 0; task < points * blocks_of(out); ++task) {
        multiply_gradient(v, m, du, static_cast<int>(task / blocks_of(out)),
                          task % blocks_of(out) * channels_at_once, count, first > 0);
      }
    }
#pragma omp for
    for (std::int64_t g = 0; g < out / block; ++g) {
      const std::int64_t first = g * block / channels_at_once * channels_at_once;
      const std::int64_t width = lesser(out - first, channels_at_once);
      for (std::int64_t c = 0; c < in; ++c) {
        Vec u[points], kernel[9];
        for (int p = 0; p < points; ++p) {
          u[p] = load<Vec>(du + (p * out + first) * in + c * width + g * block - first);
        }
        both_ways<6, 3, weight_gradient_transform>(u, kernel);
        for (int lane = 0; lane < block; ++lane) {
          for (int k = 0; k < 9; ++k) {
            dweight[((g * block + lane) * in + c) * 9 + k] = kernel[k][lane];
          }
        }
      }
    }
  }
}

}  // namespace hikaku::cpu::HIKAKU_ISA
