// The pieces of the up block at the low resolution (docs/up-block.md): the two axes of the
// upsampling, the gathered map row by row, and the way back.
#pragma once

#include "cpu/simd/planes.h"
#include "cpu/simd/table.h"

namespace hikaku::cpu::HIKAKU_ISA {

/// One axis of the upsampling from `size` to 2 * size points.
class Axis {
 public:
  explicit Axis(std::int64_t size)
      : size_(size), low_(2 * size), rest_(2 * size), gram_(3 * size), sum_(size) {
    const double scale = static_cast<double>(size - 1) / static_cast<double>(2 * size - 1);
    Partials<double> gram(3 * size), sum(size);
    if (size < 1) return;  // no points, no sums
    for (std::int64_t i = 0; i < 2 * size; ++i) {
      const double at = static_cast<double>(i) * scale;
      auto low = static_cast<std::int64_t>(at);
      if (low > size - 2) low = size > 1 ? size - 2 : 0;
      const double rest = size > 1 ? at - static_cast<double>(low) : 0;
      low_[i] = low;
      rest_[i] = static_cast<float>(rest);
      sum[low] += 1 - rest;
      gram[3 * low + 1] += (1 - rest) * (1 - rest);
      if (size == 1) continue;
      sum[low + 1] += rest;
      gram[3 * (low + 1) + 1] += rest * rest;
      gram[3 * low + 2] += rest * (1 - rest);
      gram[3 * (low + 1)] += rest * (1 - rest);
    }
    for (std::int64_t i = 0; i < 3 * size; ++i) gram_[i] = static_cast<float>(gram[i]);
    for (std::int64_t i = 0; i < size; ++i) sum_[i] = static_cast<float>(sum[i]);
  }

  [[nodiscard]] std::int64_t size() const { return size_; }
  /// Point i of the fine axis is (1 - rest) * x[low] + rest * x[high].
  std::int64_t low(std::int64_t i) { return low_[i]; }
  std::int64_t high(std::int64_t i) { return size_ > 1 ? low_[i] + 1 : 0; }
  float rest(std::int64_t i) { return rest_[i]; }
  /// (U'U)[i, i + d] for d = -1, 0, 1, and U'1.
  float gram(std::int64_t i, int d) { return gram_[3 * i + 1 + d]; }
  float sum(std::int64_t i) { return sum_[i]; }

 private:
  std::int64_t size_;
  Partials<std::int64_t> low_;
  Partials<float> rest_, gram_, sum_;
};

/// out[c] = sum over d of gram(row, d) * x[row + d][c]: one row of G x, columns not yet combined.
template <class V>
void gram_row(Axis& rows, const float* const x[3], std::int64_t row, std::int64_t w, const V& shift,
              float* out) {
  const float g0 = rows.gram(row, -1), g1 = rows.gram(row, 0), g2 = rows.gram(row, 1);
  const float total = (x[0] ? g0 : 0) + g1 + (x[2] ? g2 : 0);
  for (std::int64_t c = 0; c < w * lanes<V>; c += lanes<V>) {
    V v = g1 * load<V>(x[1] + c) - total * shift;
    if (x[0]) v += g0 * load<V>(x[0] + c);
    if (x[2]) v += g2 * load<V>(x[2] + c);
    store(out + c, v);
  }
}

/// Column c of (row * G).
template <class V>
V gram_column(Axis& columns, const float* row, std::int64_t c) {
  constexpr int step = lanes<V>;
  V v = columns.gram(c, 0) * load<V>(row + c * step);
  if (c > 0) v += columns.gram(c, -1) * load<V>(row + (c - 1) * step);
  if (c + 1 < columns.size()) v += columns.gram(c, 1) * load<V>(row + (c + 1) * step);
  return v;
}

template <class V>
Moments<V> up_plane_moments(const float* x, Axis& rows, Axis& columns, float* scratch) {
  using W = typename Wide<V>::Type;
  constexpr int step = lanes<V>;
  const std::int64_t h = rows.size(), w = columns.size();
  W sum{};
  for (std::int64_t r = 0; r < h; ++r) {
    V part{};
    for (std::int64_t c = 0; c < w; ++c) part += columns.sum(c) * load<V>(x + (r * w + c) * step);
    sum += widen(part) * static_cast<double>(rows.sum(r));
  }
  Moments<V> m;
  m.count = 4.0 * static_cast<double>(h * w);
  m.mean = sum / m.count;
  // Sum of (u - mean)^2 = <xc, G xc G>: x is centred first, or a large mean would cancel it away.
  const V shift = narrow(m.mean);
  for (std::int64_t r = 0; r < h; ++r) {
    const float* near[3] = {r > 0 ? x + (r - 1) * w * step : nullptr, x + r * w * step,
                            r + 1 < h ? x + (r + 1) * w * step : nullptr};
    gram_row<V>(rows, near, r, w, shift, scratch);
    V part{};
    for (std::int64_t c = 0; c < w; ++c) {
      part += (load<V>(near[1] + c * step) - shift) * gram_column<V>(columns, scratch, c);
    }
    m.deviation += widen(part);
  }
  return m;
}

/// One plane of the gathered map z, row by row.
template <class V>
class Gather {
 public:
  Gather(const UpGatherArgs& args, Axis& rows, Axis& columns, std::int64_t n, std::int64_t group,
         float* scratch)
      : rows_(rows), columns_(columns), sums_{scratch, scratch + columns.size() * step} {
    const std::int64_t c_out = args.output.c;
    for (int tap = 0; tap < 4; ++tap) {
      maps_[tap] = plane<V>(args.maps, n, (tap * c_out) / step + group);
      border_[tap] = load<V>(args.border + tap * c_out + group * step);
    }
  }
  static std::int64_t scratch_count(std::int64_t w) { return 2 * w * step; }

  /// visit(column, z) for each column of output row i.
  template <class F>
  void row(std::int64_t i, F&& visit) {
    const std::int64_t w = columns_.size();
    const bool below = i + 1 < 2 * rows_.size();
    combine_rows(i, below);
    const V inner = border_[0] + (below ? border_[2] : V{});
    const V right = border_[1] + (below ? border_[3] : V{});
    for (std::int64_t j = 0; j + 1 < 2 * w; ++j) {
      visit(j, inner + right + at(sums_[0], j) + at(sums_[1], j + 1));
    }
    visit(2 * w - 1, inner + at(sums_[0], 2 * w - 1));
  }

 private:
  static constexpr int step = lanes<V>;

  V at(const float* row, std::int64_t j) {
    const float rest = columns_.rest(j);
    return (1 - rest) * load<V>(row + columns_.low(j) * step) +
           rest * load<V>(row + columns_.high(j) * step);
  }
  /// sums_[q] = the rows of taps (0, q) at i and (1, q) at i + 1, interpolated between rows only.
  void combine_rows(std::int64_t i, bool below) {
    const std::int64_t w = columns_.size();
    for (int q = 0; q < 2; ++q) {
      const float* a = maps_[q] + rows_.low(i) * w * step;
      const float* b = maps_[q] + rows_.high(i) * w * step;
      const float rest = rows_.rest(i);
      if (!below) {
        for (std::int64_t c = 0; c < w * step; c += step) {
          store(sums_[q] + c, (1 - rest) * load<V>(a + c) + rest * load<V>(b + c));
        }
        continue;
      }
      const float* d = maps_[2 + q] + rows_.low(i + 1) * w * step;
      const float* e = maps_[2 + q] + rows_.high(i + 1) * w * step;
      const float next = rows_.rest(i + 1);
      for (std::int64_t c = 0; c < w * step; c += step) {
        store(sums_[q] + c, (1 - rest) * load<V>(a + c) + rest * load<V>(b + c) +
                                (1 - next) * load<V>(d + c) + next * load<V>(e + c));
      }
    }
  }

  Axis& rows_;
  Axis& columns_;
  const float* maps_[4];
  V border_[4];
  float* sums_[2];
};

/// The transpose of Gather without its border: sends rows of dz to the four maps of one plane.
template <class V>
class Scatter {
 public:
  /// `maps`: four planes of h * w vectors, zeroed; `scratch` as Gather's.
  Scatter(Axis& rows, Axis& columns, float* maps, float* scratch)
      : rows_(rows),
        columns_(columns),
        maps_(maps),
        sums_{scratch, scratch + columns.size() * step} {}

  void row(std::int64_t i, const float* dz) {
    const std::int64_t w = columns_.size();
    for (int q = 0; q < 2; ++q) {
      for (std::int64_t c = 0; c < w * step; ++c) sums_[q][c] = 0;
      for (std::int64_t j = 0; j + q < 2 * w; ++j) {
        const V g = load<V>(dz + j * step);
        const float rest = columns_.rest(j + q);
        add(sums_[q] + columns_.low(j + q) * step, (1 - rest) * g);
        add(sums_[q] + columns_.high(j + q) * step, rest * g);
      }
      send_rows(q, i, sums_[q]);
      if (i + 1 < 2 * rows_.size()) send_rows(2 + q, i + 1, sums_[q]);
    }
  }

 private:
  static constexpr int step = lanes<V>;

  static void add(float* p, const V& v) { store(p, load<V>(p) + v); }
  void send_rows(int tap, std::int64_t i, const float* sum) {
    const std::int64_t w = columns_.size();
    float* map = maps_ + tap * rows_.size() * w * step;
    float* low = map + rows_.low(i) * w * step;
    float* high = map + rows_.high(i) * w * step;
    const float rest = rows_.rest(i);
    for (std::int64_t c = 0; c < w * step; c += step) {
      const V g = load<V>(sum + c);
      add(low + c, (1 - rest) * g);
      add(high + c, rest * g);
    }
  }

  Axis& rows_;
  Axis& columns_;
  float* maps_;
  float* sums_[2];
};

}  // namespace hikaku::cpu::HIKAKU_ISA
