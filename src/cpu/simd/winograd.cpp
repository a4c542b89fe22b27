// Winograd's convolution on blocked layouts: transforms a group of tiles, multiplies at each of the
// 36 points as matrices, transforms back. A group is as large as the caches like it
// (tiles_per_group).
#include <omp.h>

#include "cpu/simd/winograd_transform.h"

#include "cpu/simd/planes.h"
#include "cpu/simd/table.h"

namespace hikaku::cpu::HIKAKU_ISA {
namespace {

using namespace winograd;

/// Vectors of output channels in one block of the matrix products: with `rows` rows of tiles the
/// accumulators just fill the registers.
constexpr int wide = block == 16 ? 4 : 2;
constexpr int rows = 6;
constexpr int gradient_rows = 4;

std::int64_t tiles_along(std::int64_t side) { return (side + out_side - 1) / out_side; }

struct Tiles {
  explicit Tiles(const Shape& shape)
      : h(shape.h),
        w(shape.w),
        across(tiles_along(shape.w)),
        per_image(tiles_along(shape.h) * across),
        count(shape.n * per_image) {}
  std::int64_t h, w, across, per_image, count;
};

/// Where a tile's output begins.
struct Place {
  Place(const Tiles& tiles, std::int64_t tile)
      : n(tile / tiles.per_image),
        y(tile % tiles.per_image / tiles.across * out_side),
        x(tile % tiles.per_image % tiles.across * out_side) {}
  std::int64_t n, y, x;
};

/// Reads a side x side window of one plane at (y, x); zeros outside of the picture.
template <int side>
void read_window(const float* plane, const Tiles& tiles, std::int64_t y, std::int64_t x,
                 Vec out[side * side]) {
  const bool inside = y >= 0 && x >= 0 && y + side <= tiles.h && x + side <= tiles.w;
  for (int i = 0; i < side; ++i) {
    const float* line = plane + ((y + i) * tiles.w + x) * block;
    for (int j = 0; j < side; ++j) {
      const bool there = inside || (y + i >= 0 && y + i < tiles.h && x + j >= 0 && x + j < tiles.w);
      out[i * side + j] = there ? load<Vec>(line + j * block) : Vec{};
    }
  }
}

/// Matrices of one group of tiles: point p, tile t, channel c at p * stride + t * row + c. A row is
/// one cache line longer than its channels, and a stride odd in lines, so that neither tiles nor
/// points meet in the same cache sets.
struct Matrices {
  Matrices(float* memory, std::int64_t tile_count, std::int64_t channel_count)
      : data(memory),
        channels(channel_count),
        row(row_of(channel_count)),
        stride(stride_of(tile_count, channel_count)) {}
  static std::int64_t row_of(std::int64_t channel_count) { return channel_count + 16; }
  static std::int64_t stride_of(std::int64_t tile_count, std::int64_t channel_count) {
    const std::int64_t padded = (tile_count + rows - 1) / rows * rows;
    return (padded * row_of(channel_count) / 16 | 1) * 16;
  }
  [[nodiscard]] float* at(int point, std::int64_t tile) const {
    return data + point * stride + tile * row;
  }
  float* data;
  std::int64_t channels, row, stride;
};

void read_inputs(const Tensor& x, const Tiles& tiles, std::int64_t first, std::int64_t tile,
                 const Matrices& v) {
  const Place place(tiles, first + tile);
  for (std::int64_t g = 0; g < x.shape.c / block; ++g) {
    Vec window[points], out[points];
    read_window<in_side>(plane<Vec>(x, place.n, g), tiles, place.y - 1, place.x - 1, window);
    both_ways<6, 6, input_transform>(window, out);
    for (int p = 0; p < points; ++p) store(v.at(p, tile) + g * block, out[p]);
  }
}

void read_gradients(const Tensor& dy, const Tiles& tiles, std::int64_t first, std::int64_t tile,
                    const Matrices& m) {
  const Place place(tiles, first + tile);
  for (std::int64_t g = 0; g < dy.shape.c / block; ++g) {
    Vec window[out_side * out_side], out[points];
    read_window<out_side>(plane<Vec>(dy, place.n, g), tiles, place.y, place.x, window);
    both_ways<4, 6, gradient_transform>(window, out);
    for (int p = 0; p < points; ++p) store(m.at(p, tile) + g * block, out[p]);
  }
}

void write_outputs(const WinogradArgs& args, const Tiles& tiles, std::int64_t first,
                   std::int64_t tile, const Matrices& m) {
  const Place place(tiles, first + tile);
  for (std::int64_t g = 0; g < args.y.shape.c / block; ++g) {
    Vec in[points], out[out_side * out_side];
    for (int p = 0; p < points; ++p) in[p] = load<Vec>(m.at(p, tile) + g * block);
    both_ways<6, 4, output_transform>(in, out);
    const Vec bias = args.bias != nullptr ? load<Vec>(args.bias + g * block) : Vec{};
    float* to = plane<Vec>(args.y, place.n, g) + (place.y * tiles.w + place.x) * block;
    for (int i = 0; i < out_side && place.y + i < tiles.h; ++i) {
      for (int j = 0; j < out_side && place.x + j < tiles.w; ++j) {
        const Vec value = out[i * out_side + j] + bias;
        store(to + (i * tiles.w + j) * block, args.relu ? relu<Vec>(value) : value);
      }
    }
  }
}

/// m[r][o] (+)= sum over c of v[r][c] * u[c][o] for `rows` rows and V vectors of o; u is packed.
template <int V>
void product(const float* v, std::int64_t v_stride, const float* u, std::int64_t depth, bool add,
             float* m, std::int64_t m_stride) {
  Vec sum[rows][V] = {};
  for (std::int64_t c = 0; c < depth; ++c) {
    Vec weight[V];
#pragma GCC unroll 4
    for (int k = 0; k < V; ++k) weight[k] = load<Vec>(u + (c * V + k) * block);
#pragma GCC unroll 6
    for (int r = 0; r < rows; ++r) {
      const float value = v[r * v_stride + c];
#pragma GCC unroll 4
      for (int k = 0; k < V; ++k) sum[r][k] += value * weight[k];
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int k = 0; k < V; ++k) {
      float* to = m + r * m_stride + k * block;
      store(to, add ? load<Vec>(to) + sum[r][k] : sum[r][k]);
    }
  }
}

/// du[c][o] (+)= sum over t of v[t][c] * m[t][o] for `gradient_rows` rows c and V vectors of o.
template <int V>
void gradient_product(const float* v, std::int64_t v_stride, const float* m, std::int64_t m_stride,
                      std::int64_t depth, bool add, float* du) {
  Vec sum[gradient_rows][V] = {};
  for (std::int64_t t = 0; t < depth; ++t) {
    Vec gradient[V];
#pragma GCC unroll 4
    for (int k = 0; k < V; ++k) gradient[k] = load<Vec>(m + t * m_stride + k * block);
#pragma GCC unroll 4
    for (int r = 0; r < gradient_rows; ++r) {
      const float value = v[t * v_stride + r];
#pragma GCC unroll 4
      for (int k = 0; k < V; ++k) sum[r][k] += value * gradient[k];
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < gradient_rows; ++r) {
#pragma GCC unroll 4
    for (int k = 0; k < V; ++k) {
      float* to = du + (r * V + k) * block;
      store(to, add ? load<Vec>(to) + sum[r][k] : sum[r][k]);
    }
  }
}

/// Calls f.operator()<V>(first channel) for each block of `wide` vectors of channels and for what
/// is left.
template <class F>
void for_width(std::int64_t vectors, std::int64_t first, F&& f) {
  const std::int64_t left = vectors - first / block;
  if (left >= wide) {
    f.template operator()<wide>(first);
  } else if (left == 3) {
    f.template operator()<3>(first);
  } else if (left == 2) {
    f.template operator()<2>(first);
  } else {
    f.template operator()<1>(first);
  }
}

/// m = v u at point p for the channels of m from `first` on. A slab of the weight stays in the
/// first-level cache while all tiles pass; summing slab by slab also keeps rounding errors small.
void multiply(const Matrices& v, const float* u, const Matrices& m, int p, std::int64_t first,
              std::int64_t tile_count) {
  const std::int64_t depth = v.channels;
  const float* weight = u + (p * m.channels + first) * depth;
  constexpr std::int64_t slab = 128;
  for_width(m.channels / block, first, [&]<int V>(std::int64_t from) {
    for (std::int64_t c = 0; c < depth; c += slab) {
      const std::int64_t some = depth - c < slab ? depth - c : slab;
      for (std::int64_t t = 0; t < tile_count; t += rows) {
        product<V>(v.at(p, t) + c, v.row, weight + c * V * block, some, c > 0, m.at(p, t) + from,
                   m.row);
      }
    }
  });
}

/// du += v' m at point p for the channels of m from `first` on; a slab of tiles stays in the
/// first-level cache while all of v's channels pass.
void multiply_gradient(const Matrices& v, const Matrices& m, float* du, int p, std::int64_t first,
                       std::int64_t tile_count, bool add) {
  constexpr std::int64_t slab = 96;
  float* out = du + (p * m.channels + first) * v.channels;
  for_width(m.channels / block, first, [&]<int V>(std::int64_t from) {
    for (std::int64_t t = 0; t < tile_count; t += slab) {
      const std::int64_t depth = tile_count - t < slab ? tile_count - t : slab;
      for (std::int64_t c = 0; c < v.channels; c += gradient_rows) {
        gradient_product<V>(v.at(p, t) + c, v.row, m.at(p, t) + from, m.row, depth, add || t > 0,
                            out + c * V * block);
      }
    }
  });
}

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
      const std::int64_t count =
          tiles.count - first < private_tiles ? tiles.count - first : private_tiles;
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
    const std::int64_t count =
        tiles.count - first < shared_tiles ? tiles.count - first : shared_tiles;
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
  const std::int64_t together = matrices_count(shared_tiles, c, o);
  const std::int64_t alone = omp_get_max_threads() * matrices_count(private_tiles, c, o);
  return together > alone ? together : alone;
}

void winograd_weight(const Conv2dParams& params, const float* weight, bool backward, float* u) {
  const std::int64_t out = backward ? params.input.c : params.out_channels;
  const std::int64_t in = backward ? params.out_channels : params.input.c;
  const WeightView view{weight, out, in, backward};
#pragma omp parallel for
  for (std::int64_t g = 0; g < out / block; ++g) {
    const std::int64_t first = g * block / channels_at_once * channels_at_once;
    const std::int64_t width = out - first < channels_at_once ? out - first : channels_at_once;
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
      const std::int64_t count =
          tiles.count - first < shared_tiles ? tiles.count - first : shared_tiles;
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
      const std::int64_t width = out - first < channels_at_once ? out - first : channels_at_once;
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
