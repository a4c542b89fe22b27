// The head on one tile of pixels in the first-level cache: logits, softmax. Classes lie along the
// vector, padded with logits of -inf.
#pragma once

#include "cpu/simd/exp.h"
#include "cpu/simd/planes.h"
#include "cpu/simd/table.h"

namespace hikaku::cpu::HIKAKU_ISA {

inline constexpr std::int64_t tile = 32;  // pixels
inline constexpr int most = 256 / block;  // vectors that hold all classes

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
inline void read_tile(const Tensor& x, std::int64_t n, std::int64_t first, std::int64_t count,
                      float* out) {
  const auto* data = static_cast<const float*>(x.data);
  const std::int64_t step = x.layout.block;
  for (std::int64_t c = 0; c < x.shape.c; ++c) {
    const float* p = data + x.layout.at(n, c, 0, 0) + first * step;
    for (std::int64_t k = 0; k < count; ++k) out[c * tile + k] = p[k * step];
  }
}

inline float largest(const Vec& v) {
  float m = v[0];
  for (int i = 1; i < block; ++i) m = m > v[i] ? m : v[i];
  return m;
}
inline float total(const Vec& v) {
  float s = 0;
  for (int i = 0; i < block; ++i) s += v[i];
  return s;
}

/// Turns one pixel's logits into probabilities; returns log of the sum of e^logit.
inline float softmax(float* logits, int vectors) {
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

inline float weight_of(const HeadLossParams& params, int label) {
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

}  // namespace hikaku::cpu::HIKAKU_ISA
