// The up block at the low resolution: exact algebra, derived in docs/up-block.md.
//   u = U x U'   bilinear x2, align_corners = true; U is [2 h, h] with two weights a row
//   z = sum over taps (p, q) of (shift_p U) maps_pq (shift_q U)' + border   (the 2x2 convolution)
#include "cpu/simd/planes.h"
#include "cpu/simd/table.h"

namespace hikaku::cpu::HIKAKU_ISA {
namespace {

/// One axis of the upsampling from `size` to 2 * size points.
class Axis {
 public:
  explicit Axis(std::int64_t size)
      : size_(size), low_(2 * size), rest_(2 * size), gram_(3 * size), sum_(size) {
    const double scale = static_cast<double>(size - 1) / static_cast<double>(2 * size - 1);
    Partials<double> gram(3 * size), sum(size);
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

/// Runs work(n, group, gather) for each plane of the output, in parallel.
template <class V, class F>
void for_each_gather(const UpGatherArgs& args, F&& work) {
  Axis rows(args.maps.shape.h), columns(args.maps.shape.w);
  const std::int64_t count = args.output.c / lanes<V>;
#pragma omp parallel
  {
    Partials<float> scratch(Gather<V>::scratch_count(columns.size()));
#pragma omp for
    for (std::int64_t i = 0; i < args.output.n * count; ++i) {
      Gather<V> gather(args, rows, columns, i / count, i % count, scratch.get());
      work(i / count, i % count, gather);
    }
  }
}

}  // namespace

void up_moments(const Tensor& x, double* mean, double* deviation) {
  dispatch(x, [&]<class V>(V) {
    Axis rows(x.shape.h), columns(x.shape.w);
    const std::int64_t count = groups<V>(x);
    Partials<Moments<V>> partial(x.shape.n * count);
#pragma omp parallel
    {
      Partials<float> scratch(x.shape.w * lanes<V>);
#pragma omp for
      for (std::int64_t i = 0; i < x.shape.n * count; ++i) {
        partial[i] =
            up_plane_moments<V>(plane<V>(x, i / count, i % count), rows, columns, scratch.get());
      }
    }
    reduce_moments<V>(partial.get(), x.shape.n, count, mean, deviation);
  });
}

void up_gather_moments(const UpGatherArgs& args, double* mean, double* deviation) {
  dispatch(args.maps, [&]<class V>(V) {
    const std::int64_t count = args.output.c / lanes<V>, w = args.output.w;
    Partials<Moments<V>> partial(args.output.n * count);
    for_each_gather<V>(args, [&](std::int64_t n, std::int64_t group, Gather<V>& gather) {
      Partials<float> row(w * lanes<V>);
      Moments<V> total;
      for (std::int64_t i = 0; i < args.output.h; ++i) {
        gather.row(i, [&](std::int64_t j, const V& z) { store(row.get() + j * lanes<V>, z); });
        total.merge(moments_of<V>(row.get(), w));
      }
      partial[n * count + group] = total;
    });
    reduce_moments<V>(partial.get(), args.output.n, count, mean, deviation);
  });
}

void up_gather_affine(const UpGatherArgs& args, const float* scale, const float* offset,
                      const Tensor& y) {
  dispatch(args.maps, [&]<class V>(V) {
    for_each_gather<V>(args, [&](std::int64_t n, std::int64_t group, Gather<V>& gather) {
      const V a = load<V>(scale + group * lanes<V>), b = load<V>(offset + group * lanes<V>);
      float* out = plane<V>(y, n, group);
      for (std::int64_t i = 0; i < args.output.h; ++i, out += args.output.w * lanes<V>) {
        gather.row(i, [&](std::int64_t j, const V& z) { store(out + j * lanes<V>, a * z + b); });
      }
    });
  });
}

void up_gradient_sums(const UpGatherArgs& args, const Tensor& dy, const float* mean, double* sum,
                      double* sum_z) {
  dispatch(args.maps, [&]<class V>(V) {
    using W = typename Wide<V>::Type;
    const std::int64_t count = args.output.c / lanes<V>;
    Partials<W> partial(args.output.n * count), partial_z(args.output.n * count);
    for_each_gather<V>(args, [&](std::int64_t n, std::int64_t group, Gather<V>& gather) {
      const V m = load<V>(mean + group * lanes<V>);
      const float* gradient = plane<V>(dy, n, group);
      for (std::int64_t i = 0; i < args.output.h; ++i, gradient += args.output.w * lanes<V>) {
        V a{}, b{};
        gather.row(i, [&](std::int64_t j, const V& z) {
          const V g = load<V>(gradient + j * lanes<V>);
          a += g;
          b += g * (z - m);
        });
        partial[n * count + group] += widen(a);
        partial_z[n * count + group] += widen(b);
      }
    });
    reduce_sums<V>(partial.get(), args.output.n, count, sum);
    reduce_sums<V>(partial_z.get(), args.output.n, count, sum_z);
  });
}

void up_gradient_maps(const UpGatherArgs& args, const Tensor& dy, const float* a, const float* b,
                      const float* c, double* taps) {
  dispatch(args.maps, [&]<class V>(V) {
    using W = typename Wide<V>::Type;
    constexpr int step = lanes<V>;
    const std::int64_t count = args.output.c / step, planes = args.output.n * count;
    const std::int64_t h = args.maps.shape.h, w = args.maps.shape.w;
    Axis rows(h), columns(w);
    Partials<W> partial(4 * planes);
    for_each_gather<V>(args, [&](std::int64_t n, std::int64_t group, Gather<V>& gather) {
      Partials<float> maps(4 * h * w * step), scratch(Gather<V>::scratch_count(w));
      Partials<float> dz(2 * w * step);
      Scatter<V> scatter(rows, columns, maps.get(), scratch.get());
      const V va = load<V>(a + group * step), vb = load<V>(b + group * step),
              vc = load<V>(c + group * step);
      const float* gradient = plane<V>(dy, n, group);
      W all{}, last_column{}, last_row{}, corner{};
      for (std::int64_t i = 0; i < 2 * h; ++i, gradient += 2 * w * step) {
        V sum{};
        gather.row(i, [&](std::int64_t j, const V& z) {
          const V g = va * load<V>(gradient + j * step) + vb * z + vc;
          sum += g;
          store(dz.get() + j * step, g);
        });
        scatter.row(i, dz.get());
        const W end = widen(load<V>(dz.get() + (2 * w - 1) * step));
        all += widen(sum);
        last_column += end;
        if (i == 2 * h - 1) {
          last_row = widen(sum);
          corner = end;
        }
      }
      // Tap (1, q) never sees the last row, tap (p, 1) never the last column.
      const std::int64_t at = n * count + group;
      partial[at] = all;
      partial[planes + at] = all - last_column;
      partial[2 * planes + at] = all - last_row;
      partial[3 * planes + at] = all - last_row - last_column + corner;
      for (int tap = 0; tap < 4; ++tap) {
        float* out = plane<V>(args.maps, n, tap * count + group);
        __builtin_memcpy(out, maps.get() + tap * h * w * step,
                         static_cast<std::size_t>(h * w * step) * sizeof(float));
      }
    });
    for (int tap = 0; tap < 4; ++tap) {
      reduce_sums<V>(partial.get() + tap * planes, args.output.n, count,
                     taps + tap * args.output.c);
    }
  });
}

void centred_dot(const Tensor& x, const float* mean, const Tensor& gx, double* sum) {
  dispatch(x, [&]<class V>(V) {
    using W = typename Wide<V>::Type;
    const std::int64_t count = groups<V>(x), pixels = x.shape.pixels();
    Partials<W> partial(x.shape.n * count);
#pragma omp parallel for
    for (std::int64_t i = 0; i < x.shape.n * count; ++i) {
      const float* a = plane<V>(x, i / count, i % count);
      const float* b = plane<V>(gx, i / count, i % count);
      const V m = load<V>(mean + i % count * lanes<V>);
      for (std::int64_t p = 0; p < pixels; p += 64) {
        V part{};
        for (std::int64_t k = p; k < pixels && k < p + 64; ++k) {
          part += (load<V>(a + k * lanes<V>) - m) * load<V>(b + k * lanes<V>);
        }
        partial[i] += widen(part);
      }
    }
    reduce_sums<V>(partial.get(), x.shape.n, count, sum);
  });
}

void up_input_gradient(const Tensor& x, const Tensor& gx, const float* k, const float* c1,
                       const float* c2, const float* mean, const Tensor& dx) {
  dispatch(x, [&]<class V>(V) {
    constexpr int step = lanes<V>;
    const std::int64_t h = x.shape.h, w = x.shape.w, count = groups<V>(x);
    Axis rows(h), columns(w);
#pragma omp parallel
    {
      // dx may be x: the stencil reads a copy.
      Partials<float> copy(h * w * step), row(w * step);
#pragma omp for
      for (std::int64_t i = 0; i < x.shape.n * count; ++i) {
        const std::int64_t n = i / count, g = i % count;
        __builtin_memcpy(copy.get(), plane<V>(x, n, g),
                         static_cast<std::size_t>(h * w * step) * sizeof(float));
        const float* gradient = plane<V>(gx, n, g);
        float* out = plane<V>(dx, n, g);
        const V vk = load<V>(k + g * step), v1 = load<V>(c1 + g * step),
                v2 = load<V>(c2 + g * step), m = load<V>(mean + g * step);
        for (std::int64_t r = 0; r < h; ++r) {
          const float* here = copy.get() + r * w * step;
          const float* near[3] = {r > 0 ? here - w * step : nullptr, here,
                                  r + 1 < h ? here + w * step : nullptr};
          // G (x - mean) G = G x G - mean * s s', centred before it is multiplied.
          gram_row<V>(rows, near, r, w, m, row.get());
          for (std::int64_t c = 0; c < w; ++c) {
            const V spread = v1 * (rows.sum(r) * columns.sum(c));
            store(out + (r * w + c) * step, vk * (load<V>(gradient + (r * w + c) * step) - spread -
                                                  v2 * gram_column<V>(columns, row.get(), c)));
          }
        }
      }
    }
  });
}

}  // namespace hikaku::cpu::HIKAKU_ISA
