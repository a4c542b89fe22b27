// Batch norm's passes over memory: statistics, affine + ReLU + pool, and the gradient's two passes.
#include "cpu/simd/planes.h"
#include "cpu/simd/table.h"

namespace hikaku::cpu::HIKAKU_ISA {
namespace {

/// Vectors that are summed in single precision before the sum goes to double; 16 KiB.
constexpr std::int64_t chunk = 256;

template <class V>
Moments<V> plane_moments(const float* data, std::int64_t pixels) {
  Moments<V> total;
  for (std::int64_t i = 0; i < pixels; i += chunk) {
    const std::int64_t count = pixels - i < chunk ? pixels - i : chunk;
    total.merge(moments_of<V>(data + i * lanes<V>, count));
  }
  return total;
}

template <class V>
struct Affine {
  V scale, offset;
  bool relu;
  V operator()(const V& z) const {
    const V y = scale * z + offset;
    return relu ? HIKAKU_ISA::relu<V>(y) : y;
  }
};

template <class V>
Affine<V> affine_of(const float* scale, const float* offset, bool relu, std::int64_t group) {
  return {load<V>(scale + group * lanes<V>), load<V>(offset + group * lanes<V>), relu};
}

template <class V>
void affine_pool_plane(const Affine<V>& f, const float* z, float* y, float* pooled, std::int64_t h,
                       std::int64_t w) {
  constexpr int step = lanes<V>;
  for (std::int64_t row = 0; row + 1 < h; row += 2) {
    const float* z0 = z + row * w * step;
    float* y0 = y + row * w * step;
    float* out = pooled + row / 2 * (w / 2) * step;
    for (std::int64_t x = 0; x + 1 < w; x += 2) {
      const V a = f(load<V>(z0 + x * step)), b = f(load<V>(z0 + (x + 1) * step));
      const V c = f(load<V>(z0 + (w + x) * step)), d = f(load<V>(z0 + (w + x + 1) * step));
      store(y0 + x * step, a);
      store(y0 + (x + 1) * step, b);
      store(y0 + (w + x) * step, c);
      store(y0 + (w + x + 1) * step, d);
      store(out + x / 2 * step, max<V>(max<V>(a, b), max<V>(c, d)));
    }
    if (w % 2 != 0) {
      store(y0 + (w - 1) * step, f(load<V>(z0 + (w - 1) * step)));
      store(y0 + (2 * w - 1) * step, f(load<V>(z0 + (2 * w - 1) * step)));
    }
  }
  if (h % 2 != 0) {
    for (std::int64_t i = (h - 1) * w; i < h * w; ++i) {
      store(y + i * step, f(load<V>(z + i * step)));
    }
  }
}

/// Calls visit(offset, z, g) for each vector of the plane; see NormGradientArgs.
template <class V>
class GradientPlane {
 public:
  GradientPlane(const NormGradientArgs& args, std::int64_t n, std::int64_t group)
      : f_(affine_of<V>(args.scale, args.offset, false, group)),
        relu_(args.relu),
        h_(args.z.shape.h),
        w_(args.z.shape.w),
        z_(plane<V>(args.z, n, group)),
        dy_(args.dy.data ? plane<V>(args.dy, n, group) : nullptr),
        dpooled_(args.dpooled.data ? plane<V>(args.dpooled, n, group) : nullptr) {}

  /// Rows [first, last); with a pool `first` must be even.
  template <class F>
  void rows(std::int64_t first, std::int64_t last, F&& visit) const {
    if (dpooled_ == nullptr) {
      flat(first, last, visit);
      return;
    }
    const std::int64_t paired = last < h_ / 2 * 2 ? last : h_ / 2 * 2;
    for (std::int64_t row = first; row < paired; row += 2) pooled_pair(row, visit);
    flat(paired > first ? paired : first, last, visit);
  }

 private:
  static constexpr int step = lanes<V>;

  V direct(std::int64_t i) const { return dy_ ? load<V>(dy_ + i * step) : V{}; }
  V masked(const V& y, const V& g) const { return relu_ ? (y > 0.0f ? g : V{}) : g; }

  template <class F>
  void one(std::int64_t i, F&& visit) const {
    const V z = load<V>(z_ + i * step);
    visit(i * step, z, masked(f_(z), direct(i)));
  }
  template <class F>
  void flat(std::int64_t first, std::int64_t last, F&& visit) const {
    for (std::int64_t i = first * w_; i < last * w_; ++i) one(i, visit);
  }
  /// Two rows: each 2x2 window sends its gradient to its first maximum.
  template <class F>
  void pooled_pair(std::int64_t row, F&& visit) const {
    for (std::int64_t x = 0; x + 1 < w_; x += 2) {
      const std::int64_t at[4] = {row * w_ + x, row * w_ + x + 1, (row + 1) * w_ + x,
                                  (row + 1) * w_ + x + 1};
      V z[4], y[4];
      for (int k = 0; k < 4; ++k) {
        z[k] = load<V>(z_ + at[k] * step);
        y[k] = f_(z[k]);
      }
      const V top = max<V>(max<V>(y[0], y[1]), max<V>(y[2], y[3]));
      V rest = load<V>(dpooled_ + (row / 2 * (w_ / 2) + x / 2) * step);
      for (int k = 0; k < 4; ++k) {
        const V taken = y[k] == top ? rest : V{};
        rest = y[k] == top ? V{} : rest;
        visit(at[k] * step, z[k], masked(y[k], direct(at[k]) + taken));
      }
    }
    if (w_ % 2 != 0) {
      one(row * w_ + w_ - 1, visit);
      one((row + 1) * w_ + w_ - 1, visit);
    }
  }

  Affine<V> f_;
  bool relu_;
  std::int64_t h_, w_;
  const float* z_;
  const float* dy_;
  const float* dpooled_;
};

}  // namespace

void moments(const Tensor& z, double* mean, double* deviation) {
  dispatch(z, [&]<class V>(V) {
    const std::int64_t count = groups<V>(z);
    Partials<Moments<V>> partial(z.shape.n * count);
#pragma omp parallel for
    for (std::int64_t i = 0; i < z.shape.n * count; ++i) {
      partial[i] = plane_moments<V>(plane<V>(z, i / count, i % count), z.shape.pixels());
    }
    reduce_moments<V>(partial.get(), z.shape.n, count, mean, deviation);
  });
}

void affine(const AffineArgs& args) {
  dispatch(args.z, [&]<class V>(V) {
    const Shape& s = args.z.shape;
    const std::int64_t count = groups<V>(args.z);
#pragma omp parallel for
    for (std::int64_t i = 0; i < s.n * count; ++i) {
      const std::int64_t n = i / count, g = i % count;
      const auto f = affine_of<V>(args.scale, args.offset, args.relu, g);
      const float* z = plane<V>(args.z, n, g);
      float* y = plane<V>(args.y, n, g);
      if (args.pooled.data != nullptr) {
        affine_pool_plane<V>(f, z, y, plane<V>(args.pooled, n, g), s.h, s.w);
        continue;
      }
      for (std::int64_t k = 0; k < s.pixels() * lanes<V>; k += lanes<V>) {
        store(y + k, f(load<V>(z + k)));
      }
    }
  });
}

void max_pool(const Tensor& x, const Tensor& copy, const Tensor& y) {
  dispatch(x, [&]<class V>(V) {
    const std::int64_t count = groups<V>(x);
#pragma omp parallel for
    for (std::int64_t i = 0; i < x.shape.n * count; ++i) {
      const std::int64_t n = i / count, g = i % count;
      const Affine<V> identity{V{} + 1.0f, V{}, false};
      affine_pool_plane<V>(identity, plane<V>(x, n, g), plane<V>(copy, n, g), plane<V>(y, n, g),
                           x.shape.h, x.shape.w);
    }
  });
}

void norm_gradient_sums(const NormGradientArgs& args, const float* mean, double* sum,
                        double* sum_z) {
  dispatch(args.z, [&]<class V>(V) {
    using W = typename Wide<V>::Type;
    const Shape& s = args.z.shape;
    const std::int64_t count = groups<V>(args.z);
    const std::int64_t rows = s.w >= chunk ? 2 : chunk / s.w / 2 * 2 + 2;
    Partials<W> partial(s.n * count), partial_z(s.n * count);
#pragma omp parallel for
    for (std::int64_t i = 0; i < s.n * count; ++i) {
      const GradientPlane<V> gradient(args, i / count, i % count);
      const V m = load<V>(mean + i % count * lanes<V>);
      for (std::int64_t row = 0; row < s.h; row += rows) {
        V a{}, b{};
        gradient.rows(row, row + rows < s.h ? row + rows : s.h,
                      [&](std::int64_t, const V& z, const V& g) {
                        a += g;
                        b += g * (z - m);
                      });
        partial[i] += widen(a);
        partial_z[i] += widen(b);
      }
    }
    reduce_sums<V>(partial.get(), s.n, count, sum);
    reduce_sums<V>(partial_z.get(), s.n, count, sum_z);
  });
}

void norm_gradient_apply(const NormGradientArgs& args, const float* a, const float* b,
                         const float* c, const Tensor& dz) {
  dispatch(args.z, [&]<class V>(V) {
    const Shape& s = args.z.shape;
    const std::int64_t count = groups<V>(args.z);
#pragma omp parallel for
    for (std::int64_t i = 0; i < s.n * count; ++i) {
      const std::int64_t g = i % count;
      const GradientPlane<V> gradient(args, i / count, g);
      const V va = load<V>(a + g * lanes<V>), vb = load<V>(b + g * lanes<V>),
              vc = load<V>(c + g * lanes<V>);
      float* out = plane<V>(dz, i / count, g);
      gradient.rows(0, s.h, [&](std::int64_t at, const V& z, const V& grad) {
        store(out + at, va * grad + vb * z + vc);
      });
    }
  });
}

}  // namespace hikaku::cpu::HIKAKU_ISA
