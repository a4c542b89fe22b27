// Head and loss: the loss's sums and its gradient, a tile of pixels at a time.
#include "cpu/simd/head_tile.h"

namespace hikaku::cpu::HIKAKU_ISA {
namespace {

/// `count` pixels from `first` on of image n, in a unit.
struct Tile {
  std::int64_t unit, n, first, count;
  const float* x;  ///< [channels][tile]
  float* logits;   ///< [tile][padded classes]; may be written over
};

/// Calls visit(Tile) for each tile; those of one unit in their order, by one thread.
template <class F>
void for_each_tile(const HeadArgs& args, Head& head, const Units& units, F&& visit) {
  const PerThread<float> inputs(head.channels * tile), outputs(tile * head.vectors * block);
#pragma omp parallel
  {
    float* x = inputs.own_zeroed();  // what lies behind the last pixel is multiplied by zero
    float* logits = outputs.own_zeroed();
#pragma omp for
    for (std::int64_t i = 0; i < units.count; ++i) {
      const std::int64_t n = i / units.per_image;
      for (std::int64_t p = units.first(i); p < units.last(i); p += tile) {
        const std::int64_t count = units.last(i) - p < tile ? units.last(i) - p : tile;
        read_tile(args.x, n, p, count, x);
        head.logits(x, count, logits);
        visit(Tile{i, n, p, count, x, logits});
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
  for_each_tile(args, head, units, [&](const Tile& t) {
    sum_tile(*args.params, head.vectors, t.logits, args.labels + t.n * units.pixels + t.first,
             t.count, partial[t.unit]);
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

/// alpha or beta [n, classes], padded with zeros to whole vectors.
void pad_factors(const float* from, std::int64_t images, std::int64_t classes, std::int64_t padded,
                 float* to) {
  for (std::int64_t n = 0; n < images; ++n) {
    for (std::int64_t k = 0; k < classes; ++k) to[n * padded + k] = from[n * classes + k];
  }
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
  const std::int64_t images = args.x.shape.n;
  Partials<float> alphas(images * padded), betas(images * padded);
  pad_factors(alpha, images, head.classes, padded, alphas.get());
  pad_factors(beta, images, head.classes, padded, betas.get());
  for_each_tile(args, head, units, [&](const Tile& t) {
    gradient_tile(args, head.vectors, args.labels + t.n * units.pixels + t.first, t.count, ce_scale,
                  alphas.get() + t.n * padded, betas.get() + t.n * padded, t.logits);
    float* sums = partial.get() + t.unit * one;
    weight_gradient_tile(t.x, t.logits, head.vectors, head.channels, sums,
                         sums + head.channels * padded);
    dispatch(args.x, [&]<class V>(V) {
      input_gradient_tile<V>(args, t.logits, head.vectors, t.n, t.first, t.count, by_class.get(),
                             dx);
    });
  });
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
  for_each_tile(args, head, units, [&](const Tile& t) {
    for (std::int64_t p = 0; p < t.count; ++p) {
      const float* values = t.logits + p * head.vectors * block;
      std::int64_t best = 0;
      for (std::int64_t k = 1; k < head.classes; ++k) {
        if (values[k] > values[best]) best = k;
      }
      classes[t.n * units.pixels + t.first + p] = static_cast<std::uint8_t>(best);
    }
  });
}

void head_logits(const HeadArgs& args, float* logits) {
  Head head(args);
  const Units units(args.x.shape);
  for_each_tile(args, head, units, [&](const Tile& t) {
    for (std::int64_t k = 0; k < head.classes; ++k) {
      float* out = logits + (t.n * head.classes + k) * units.pixels + t.first;
      for (std::int64_t p = 0; p < t.count; ++p) out[p] = t.logits[p * head.vectors * block + k];
    }
  });
}

}  // namespace hikaku::cpu::HIKAKU_ISA
