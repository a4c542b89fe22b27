// Winograd's tiles and the products of their transforms as matrices, made for the registers and the
// caches.
#pragma once

#include "cpu/simd/planes.h"
#include "cpu/simd/table.h"
#include "cpu/simd/winograd_transform.h"

namespace hikaku::cpu::HIKAKU_ISA {

using namespace winograd;

/// Vectors of output channels in one block of the matrix products: with `rows` rows of tiles the
/// accumulators just fill the registers.
inline constexpr int wide = block == 16 ? 4 : 2;
inline constexpr int rows = 6;
inline constexpr int gradient_rows = 4;

inline std::int64_t lesser(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

inline std::int64_t tiles_along(std::int64_t side) { return (side + out_side - 1) / out_side; }

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

inline void read_inputs(const Tensor& x, const Tiles& tiles, std::int64_t first, std::int64_t tile,
                        const Matrices& v) {
  const Place place(tiles, first + tile);
  for (std::int64_t g = 0; g < x.shape.c / block; ++g) {
    Vec window[points], out[points];
    read_window<in_side>(plane<Vec>(x, place.n, g), tiles, place.y - 1, place.x - 1, window);
    both_ways<6, 6, input_transform>(window, out);
    for (int p = 0; p < points; ++p) store(v.at(p, tile) + g * block, out[p]);
  }
}

inline void read_gradients(const Tensor& dy, const Tiles& tiles, std::int64_t first,
                           std::int64_t tile, const Matrices& m) {
  const Place place(tiles, first + tile);
  for (std::int64_t g = 0; g < dy.shape.c / block; ++g) {
    Vec window[out_side * out_side], out[points];
    read_window<out_side>(plane<Vec>(dy, place.n, g), tiles, place.y, place.x, window);
    both_ways<4, 6, gradient_transform>(window, out);
    for (int p = 0; p < points; ++p) store(m.at(p, tile) + g * block, out[p]);
  }
}

inline void write_outputs(const WinogradArgs& args, const Tiles& tiles, std::int64_t first,
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

/// Calls f.operator()<V>(first) for the V vectors of channels that follow `first`: `wide`, or what
/// is left.
template <class F>
void for_width(std::int64_t vectors, std::int64_t first, F&& f) {
  static_assert(wide == 2 || wide == 4);
  const std::int64_t left = vectors - first / block;
  if (left >= wide) return f.template operator()<wide>(first);
  if constexpr (wide == 4) {
    if (left == 3) return f.template operator()<3>(first);
    if (left == 2) return f.template operator()<2>(first);
  }
  f.template operator()<1>(first);
}

/// m = v u at point p for the channels of m from `first` on. A slab of the weight stays in the
/// first-level cache while all tiles pass; summing slab by slab also keeps rounding errors small.
inline void multiply(const Matrices& v, const float* u, const Matrices& m, int p,
                     std::int64_t first, std::int64_t tile_count) {
  const std::int64_t depth = v.channels;
  const float* weight = u + (p * m.channels + first) * depth;
  constexpr std::int64_t slab = 128;
  for_width(m.channels / block, first, [&]<int V>(std::int64_t from) {
    for (std::int64_t c = 0; c < depth; c += slab) {
      const std::int64_t some = lesser(depth - c, slab);
      for (std::int64_t t = 0; t < tile_count; t += rows) {
        product<V>(v.at(p, t) + c, v.row, weight + c * V * block, some, c > 0, m.at(p, t) + from,
                   m.row);
      }
    }
  });
}

/// du += v' m at point p for the channels of m from `first` on; a slab of tiles stays in the
/// first-level cache while all of v's channels pass.
inline void multiply_gradient(const Matrices& v, const Matrices& m, float* du, int p,
                              std::int64_t first, std::int64_t tile_count, bool add) {
  constexpr std::int64_t slab = 96;
  float* out = du + (p * m.channels + first) * v.channels;
  for_width(m.channels / block, first, [&]<int V>(std::int64_t from) {
    for (std::int64_t t = 0; t < tile_count; t += slab) {
      const std::int64_t depth = lesser(tile_count - t, slab);
      for (std::int64_t c = 0; c < v.channels; c += gradient_rows) {
        gradient_product<V>(v.at(p, t) + c, v.row, m.at(p, t) + from, m.row, depth, add || t > 0,
                            out + c * V * block);
      }
    }
  });
}

}  // namespace hikaku::cpu::HIKAKU_ISA
