// Head and loss: logits, softmax, the loss's sums and its gradient, a tile of pixels at a time in
// the first-level cache. Classes lie along the vector, padded with logits of -inf.
#include "cpu/simd/exp.h"
#include "cpu/simd/planes.h"
#include "cpu/simd/table.h"

namespace hikaku::cpu::HIKAKU_ISA {
namespace {

constexpr std::int64_t tile = 32;  // pixels
constexpr int most = 256 / block;  // vectors that hold all classes

/// The head's weights, transposed to [c][padded classes].
class Head {
 public:
  explicit Head(const HeadArgs& args)
      : classes(args.params->classes),
        channels(args.x.shape.c),
        vectors(static_cast<int>((classes + block - 1) / block)),
        weight_(channels * vectors * block),
        bias_(vectors * block) {
    for (std::int64_t k = 0; k < vectors * block; ++k) {
      bias_[k] = k < classes ? args.bias[k] : -__builtin_inff();
      for (std::int64_t c = 0; c < channels && k < classes; ++c) {
        weight_[c * vectors * block + k] = args.weight[k * channels + c];
      }
    }
  }

  /// Logits of `count` pixels; `x` is [channels][tile].
  void logits(const float* x, std::int64_t count, float* out) {
    for (std::int64_t p = 0; p < count; p += 4) {
      for (int v = 0; v < vectors; ++v) {
        const Vec bias = load<Vec>(bias_.get() + v * block);
        Vec sum[4] = {bias, bias, bias, bias};
        const float* w = weight_.get() + v * block;
        for (std::int64_t c = 0; c < channels; ++c, w += vectors * block) {
          const Vec weight = load<Vec>(w);
          for (int k = 0; k < 4; ++k) sum[k] += x[c * tile + p + k] * weight;
        }
        for (int k = 0; k < 4; ++k) store(out + ((p + k) * vectors + v) * block, sum[k]);
      }
    }
  }

  std::int64_t classes, channels;
  int vectors;

 private:
  Partials<float> weight_, bias_;
};

/// Copies `count` pixels from `first` of image n to [channels][tile].
void read_tile(const Tensor& x, std::int64_t n, std::int64_t first, std::int64_t count,
               float* out) {
  const auto* data = static_cast<const float*>(x.data);
  const std::int64_t step = x.layout.block;
  for (std::int64_t c = 0; c < x.shape.c; ++c) {
    const float* p = data + x.layout.at(n, c, 0, 0) + first * step;
    for (std::int64_t k = 0; k < count; ++k) out[c * tile + k] = p[k * step];
  }
}

float largest(const Vec& v) {
  float m = v[0];
  for (int i = 1; i < block; ++i) m = m > v[i] ? m : v[i];
  return m;
}
float total(const Vec& v) {
  float s = 0;
  for (int i = 0; i < block; ++i) s += v[i];
  return s;
}

/// Turns one pixel's logits into probabilities; returns log of the sum of e^logit.
float softmax(float* logits, int vectors) {
  Vec top = load<Vec>(logits);
  for (int v = 1; v < vectors; ++v) top = max<Vec>(top, load<Vec>(logits + v * block));
  const float peak = largest(top);
  Vec sum{};
  for (int v = 0; v < vectors; ++v) {
    const Vec e = exp_nonpositive(load<Vec>(logits + v * block) - peak);
    store(logits + v * block, e);
    sum += e;
  }
  const float all = total(sum);
  for (int v = 0; v < vectors; ++v) {
    store(logits + v * block, load<Vec>(logits + v * block) / all);
  }
  return peak + __builtin_logf(all);
}

float weight_of(const HeadLossParams& params, int label) {
  return params.class_weights.empty()
             ? 1.0f
             : params.class_weights.data()[static_cast<std::size_t>(label)];
}

/// Pixels are worked on in units of a fixed size, so that sums do not depend on the threads.
struct Units {
  explicit Units(const Shape& shape)
      : pixels(shape.pixels()), per_image((pixels + unit - 1) / unit), count(shape.n * per_image) {}
  static constexpr std::int64_t unit = 4096;
  std::int64_t pixels, per_image, count;

  [[nodiscard]] std::int64_t first(std::int64_t i) const { return i % per_image * unit; }
  [[nodiscard]] std::int64_t last(std::int64_t i) const {
    return first(i) + unit < pixels ? first(i) + unit : pixels;
  }
};

/// Calls visit(unit, n, first pixel, count, logits) for each tile.
template <class F>
void for_each_tile(const HeadArgs& args, Head& head, const Units& units, F&& visit) {
#pragma omp parallel
  {
    Partials<float> x(head.channels * tile), logits(tile * head.vectors * block);
#pragma omp for
    for (std::int64_t i = 0; i < units.count; ++i) {
      const std::int64_t n = i / units.per_image;
      for (std::int64_t p = units.first(i); p < units.last(i); p += tile) {
        const std::int64_t count = units.last(i) - p < tile ? units.last(i) - p : tile;
        read_tile(args.x, n, p, count, x.get());
        head.logits(x.get(), count, logits.get());
        visit(i, n, p, count, logits.get());
      }
    }
  }
}

struct UnitSums {
  DoubleVec probability[most]{}, overlap[most]{}, count[most]{};
  double log_likelihood = 0, weight = 0;
};

void sum_tile(const HeadLossParams& params, int vectors, float* logits, const std::uint8_t* labels,
              std::int64_t count, UnitSums& sums) {
  Vec part[most]{};
  for (std::int64_t p = 0; p < count; ++p) {
    const int label = labels[p];
    if (label == params.ignore) continue;
    float* probability = logits + p * vectors * block;
    const float own = probability[label];
    const float normaliser = softmax(probability, vectors);
    const float weight = weight_of(params, label);
    sums.log_likelihood += static_cast<double>(weight) * static_cast<double>(normaliser - own);
    sums.weight += static_cast<double>(weight);
    for (int v = 0; v < vectors; ++v) part[v] += load<Vec>(probability + v * block);
    reinterpret_cast<double*>(sums.overlap)[label] += static_cast<double>(probability[label]);
    reinterpret_cast<double*>(sums.count)[label] += 1;
  }
  for (int v = 0; v < vectors; ++v) sums.probability[v] += widen(part[v]);
}

}  // namespace

void head_forward(const HeadArgs& args, const HeadSums& sums) {
  Head head(args);
  const Units units(args.x.shape);
  Partials<UnitSums> partial(units.count);
  for_each_tile(
      args, head, units,
      [&](std::int64_t i, std::int64_t n, std::int64_t first, std::int64_t count, float* logits) {
        sum_tile(*args.params, head.vectors, logits, args.labels + n * units.pixels + first, count,
                 partial[i]);
      });
  for (std::int64_t i = 0; i < units.count; ++i) {
    const UnitSums& unit = partial[i];
    const std::int64_t at = i / units.per_image * head.classes;
    for (std::int64_t k = 0; k < head.classes; ++k) {
      sums.probability[at + k] += reinterpret_cast<const double*>(unit.probability)[k];
      sums.overlap[at + k] += reinterpret_cast<const double*>(unit.overlap)[k];
      sums.count[at + k] += reinterpret_cast<const double*>(unit.count)[k];
    }
    sums.cross_entropy[0] += unit.log_likelihood;
    sums.cross_entropy[1] += unit.weight;
  }
}

namespace {

/// Turns a tile's logits into the loss's gradient by them.
void gradient_tile(const HeadArgs& args, int vectors, const std::uint8_t* labels,
                   std::int64_t count, float ce_scale, const float* alpha, const float* beta,
                   float* logits) {
  for (std::int64_t p = 0; p < tile; ++p) {
    float* d = logits + p * vectors * block;
    const int label = p < count ? labels[p] : args.params->ignore;
    if (p >= count || label == args.params->ignore) {
      for (int v = 0; v < vectors; ++v) store(d + v * block, Vec{});
      continue;
    }
    softmax(d, vectors);
    // dDice/dp_k = alpha_k t_k + beta_k; through the softmax: p_k (g_k - sum over j of p_j g_j).
    const float own = d[label];
    Vec sum{};
    for (int v = 0; v < vectors; ++v) sum += load<Vec>(d + v * block) * load<Vec>(beta + v * block);
    const float mean = total(sum) + own * alpha[label];
    const float ce = ce_scale * weight_of(*args.params, label);
    for (int v = 0; v < vectors; ++v) {
      const Vec probability = load<Vec>(d + v * block);
      store(d + v * block, probability * (load<Vec>(beta + v * block) - mean + ce));
    }
    d[label] += own * alpha[label] - ce;
  }
}

/// dx = weight' * d, written in x's layout.
template <class V>
void input_gradient_tile(const HeadArgs& args, const float* d, int vectors, std::int64_t n,
                         std::int64_t first, std::int64_t count, const float* by_class,
                         const Tensor& dx) {
  const std::int64_t channels = args.x.shape.c, classes = args.params->classes;
  for (std::int64_t g = 0; g < channels / lanes<V>; ++g) {
    float* out = plane<V>(dx, n, g) + first * lanes<V>;
    for (std::int64_t p = 0; p < count; ++p) {
      V sum{};
      for (std::int64_t k = 0; k < classes; ++k) {
        sum += d[p * vectors * block + k] * load<V>(by_class + k * channels + g * lanes<V>);
      }
      store(out + p * lanes<V>, sum);
    }
  }
}

/// dweight' [c][padded classes] += x d;  dbias += d.
void weight_gradient_tile(const float* x, const float* d, int vectors, std::int64_t channels,
                          float* dweight, float* dbias) {
  for (int v = 0; v < vectors; ++v) {
    Vec bias = load<Vec>(dbias + v * block);
    for (std::int64_t p = 0; p < tile; ++p) bias += load<Vec>(d + (p * vectors + v) * block);
    store(dbias + v * block, bias);
    for (std::int64_t c = 0; c < channels; c += 4) {
      Vec sum[4]{};
      const std::int64_t some = channels - c < 4 ? channels - c : 4;
      for (std::int64_t p = 0; p < tile; ++p) {
        const Vec g = load<Vec>(d + (p * vectors + v) * block);
        for (std::int64_t k = 0; k < some; ++k) sum[k] += x[(c + k) * tile + p] * g;
      }
      for (std::int64_t k = 0; k < some; ++k) {
        float* at = dweight + ((c + k) * vectors + v) * block;
        store(at, load<Vec>(at) + sum[k]);
      }
    }
  }
}

/// alpha and beta of one image, padded with zeros to whole vectors.
void pad_factors(const float* from, std::int64_t classes, int vectors, float* to) {
  for (std::int64_t k = 0; k < vectors * block; ++k) to[k] = k < classes ? from[k] : 0;
}

}  // namespace

void head_backward(const HeadArgs& args, float ce_scale, const float* alpha, const float* beta,
                   const Tensor& dx, float* dweight, float* dbias) {
  Head head(args);
  const Units units(args.x.shape);
  const std::int64_t padded = head.vectors * block;
  const std::int64_t one = (head.channels + 1) * padded;  // dweight' and dbias of a unit
  Partials<float> partial(units.count * one), by_class(head.classes * head.channels);
  __builtin_memcpy(by_class.get(), args.weight,
                   static_cast<std::size_t>(head.classes * head.channels) * sizeof(float));
#pragma omp parallel
  {
    Partials<float> x(head.channels * tile), d(tile * padded), factors(2 * padded);
#pragma omp for
    for (std::int64_t i = 0; i < units.count; ++i) {
      const std::int64_t n = i / units.per_image;
      pad_factors(alpha + n * head.classes, head.classes, head.vectors, factors.get());
      pad_factors(beta + n * head.classes, head.classes, head.vectors, factors.get() + padded);
      float* sums = partial.get() + i * one;
      for (std::int64_t p = units.first(i); p < units.last(i); p += tile) {
        const std::int64_t count = units.last(i) - p < tile ? units.last(i) - p : tile;
        read_tile(args.x, n, p, count, x.get());
        head.logits(x.get(), count, d.get());
        gradient_tile(args, head.vectors, args.labels + n * units.pixels + p, count, ce_scale,
                      factors.get(), factors.get() + padded, d.get());
        weight_gradient_tile(x.get(), d.get(), head.vectors, head.channels, sums,
                             sums + head.channels * padded);
        dispatch(args.x, [&]<class V>(V) {
          input_gradient_tile<V>(args, d.get(), head.vectors, n, p, count, by_class.get(), dx);
        });
      }
    }
  }
  for (std::int64_t k = 0; k < head.classes; ++k) {
    for (std::int64_t c = 0; c <= head.channels; ++c) {
      double sum = 0;
      for (std::int64_t i = 0; i < units.count; ++i) {
        sum += static_cast<double>(partial[i * one + c * padded + k]);
      }
      float* out = c < head.channels ? dweight + k * head.channels + c : dbias + k;
      *out = static_cast<float>(sum);
    }
  }
}

void head_predict(const HeadArgs& args, std::uint8_t* classes) {
  Head head(args);
  const Units units(args.x.shape);
  for_each_tile(args, head, units,
                [&](std::int64_t, std::int64_t n, std::int64_t first, std::int64_t count,
                    const float* logits) {
                  for (std::int64_t p = 0; p < count; ++p) {
                    const float* values = logits + p * head.vectors * block;
                    std::int64_t best = 0;
                    for (std::int64_t k = 1; k < head.classes; ++k) {
                      if (values[k] > values[best]) best = k;
                    }
                    classes[n * units.pixels + first + p] = static_cast<std::uint8_t>(best);
                  }
                });
}

void head_logits(const HeadArgs& args, float* logits) {
  Head head(args);
  const Units units(args.x.shape);
  for_each_tile(args, head, units,
                [&](std::int64_t, std::int64_t n, std::int64_t first, std::int64_t count,
                    const float* values) {
                  for (std::int64_t k = 0; k < head.classes; ++k) {
                    float* out = logits + (n * head.classes + k) * units.pixels + first;
                    for (std::int64_t p = 0; p < count; ++p)
                      out[p] = values[p * head.vectors * block + k];
                  }
                });
}

}  // namespace hikaku::cpu::HIKAKU_ISA
