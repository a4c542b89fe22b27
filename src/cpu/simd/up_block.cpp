// The up block at the low resolution: exact algebra, derived in docs/up-block.md.
//   u = U x U'   bilinear x2, align_corners = true; U is [2 h, h] with two weights a row
//   z = sum over taps (p, q) of (shift_p U) maps_pq (shift_q U)' + border   (the 2x2 convolution)
#include "cpu/simd/up_gather.h"

namespace hikaku::cpu::HIKAKU_ISA {
namespace {

/// Runs work(n, group, gather) for each plane of the output, in parallel.
template <class V, class F>
void for_each_gather(const UpGatherArgs& args, F&& work) {
  Axis rows(args.maps.shape.h), columns(args.maps.shape.w);
  const std::int64_t count = args.output.c / lanes<V>;
  const PerThread<float> scratch(Gather<V>::scratch_count(columns.size()));
#pragma omp parallel for
  for (std::int64_t i = 0; i < args.output.n * count; ++i) {
    Gather<V> gather(args, rows, columns, i / count, i % count, scratch.own());
    work(i / count, i % count, gather);
  }
}

}  // namespace

void up_moments(const Tensor& x, double* mean, double* deviation) {
  dispatch(x, [&]<class V>(V) {
    Axis rows(x.shape.h), columns(x.shape.w);
    const std::int64_t count = groups<V>(x);
    Partials<Moments<V>> partial(x.shape.n * count);
    const PerThread<float> scratch(x.shape.w * lanes<V>);
#pragma omp parallel for
    for (std::int64_t i = 0; i < x.shape.n * count; ++i) {
      partial[i] =
          up_plane_moments<V>(plane<V>(x, i / count, i % count), rows, columns, scratch.own());
    }
    reduce_moments<V>(partial.get(), x.shape.n, count, mean, deviation);
  });
}

void up_gather_moments(const UpGatherArgs& args, double* mean, double* deviation) {
  dispatch(args.maps, [&]<class V>(V) {
    const std::int64_t count = args.output.c / lanes<V>, w = args.output.w;
    Partials<Moments<V>> partial(args.output.n * count);
    const PerThread<float> rows(w * lanes<V>);
    for_each_gather<V>(args, [&](std::int64_t n, std::int64_t group, Gather<V>& gather) {
      float* row = rows.own();
      Moments<V> total;
      for (std::int64_t i = 0; i < args.output.h; ++i) {
        gather.row(i, [&](std::int64_t j, const V& z) { store(row + j * lanes<V>, z); });
        total.merge(moments_of<V>(row, w));
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
    const PerThread<float> all_maps(4 * h * w * step), scratch(Gather<V>::scratch_count(w));
    const PerThread<float> lines(2 * w * step);
    for_each_gather<V>(args, [&](std::int64_t n, std::int64_t group, Gather<V>& gather) {
      float* maps = all_maps.own_zeroed();
      float* dz = lines.own();
      Scatter<V> scatter(rows, columns, maps, scratch.own());
      const V va = load<V>(a + group * step), vb = load<V>(b + group * step),
              vc = load<V>(c + group * step);
      const float* gradient = plane<V>(dy, n, group);
      W all{}, last_column{}, last_row{}, corner{};
      for (std::int64_t i = 0; i < 2 * h; ++i, gradient += 2 * w * step) {
        V sum{};
        gather.row(i, [&](std::int64_t j, const V& z) {
          const V g = va * load<V>(gradient + j * step) + vb * z + vc;
          sum += g;
          store(dz + j * step, g);
        });
        scatter.row(i, dz);
        const W end = widen(load<V>(dz + (2 * w - 1) * step));
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
        __builtin_memcpy(out, maps + tap * h * w * step,
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
    // dx may be x: the stencil reads a copy.
    const PerThread<float> copies(h * w * step), rows_of_gram(w * step);
#pragma omp parallel
    {
      float* copy = copies.own();
      float* row = rows_of_gram.own();
#pragma omp for
      for (std::int64_t i = 0; i < x.shape.n * count; ++i) {
        const std::int64_t n = i / count, g = i % count;
        __builtin_memcpy(copy, plane<V>(x, n, g),
                         static_cast<std::size_t>(h * w * step) * sizeof(float));
        const float* gradient = plane<V>(gx, n, g);
        float* out = plane<V>(dx, n, g);
        const V vk = load<V>(k + g * step), v1 = load<V>(c1 + g * step),
                v2 = load<V>(c2 + g * step), m = load<V>(mean + g * step);
        for (std::int64_t r = 0; r < h; ++r) {
          const float* here = copy + r * w * step;
          const float* near[3] = {r > 0 ? here - w * step : nullptr, here,
                                  r + 1 < h ? here + w * step : nullptr};
          // G (x - mean) G = G x G - mean * s s', centred before it is multiplied.
          gram_row<V>(rows, near, r, w, m, row);
          for (std::int64_t c = 0; c < w; ++c) {
            const V spread = v1 * (rows.sum(r) * columns.sum(c));
            store(out + (r * w + c) * step, vk * (load<V>(gradient + (r * w + c) * step) - spread -
                                                  v2 * gram_column<V>(columns, row, c)));
          }
        }
      }
    }
  });
}

}  // namespace hikaku::cpu::HIKAKU_ISA
