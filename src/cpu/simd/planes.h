// A plane is one image's block of channels: h * w vectors in one piece of memory, in every layout.
// Sums are formed per plane and added up in a fixed order, so that no result depends on the number
// of threads.
#pragma once

#include "cpu/simd/vec.h"
#include "tensor/tensor.h"

namespace hikaku::cpu::HIKAKU_ISA {

template <class V>
inline float* plane(const Tensor& t, std::int64_t n, std::int64_t group) {
  return static_cast<float*>(t.data) + n * t.layout.stride_n + group * t.layout.stride_c;
}

template <class V>
inline std::int64_t groups(const Tensor& t) {
  return t.shape.c / lanes<V>;
}

/// Memory for partial sums, freed at the end of the scope.
template <class T>
class Partials {
 public:
  explicit Partials(std::int64_t count)
      : data_(static_cast<T*>(
            ::operator new (static_cast<std::size_t>(count) * sizeof(T), std::align_val_t{64}))) {
    for (std::int64_t i = 0; i < count; ++i) data_[i] = T{};
  }
  ~Partials() { ::operator delete (data_, std::align_val_t{64}); }
  Partials(const Partials&) = delete;
  Partials& operator=(const Partials&) = delete;
  T& operator[](std::int64_t i) { return data_[i]; }
  T* get() { return data_; }

 private:
  T* data_;
};

/// Mean and squared deviations of a growing set of numbers, merged as Chan, Golub & LeVeque (1979):
/// no cancellation, whatever the mean.
template <class V>
struct Moments {
  typename Wide<V>::Type mean{}, deviation{};
  double count = 0;

  void merge(const Moments& other) {
    if (other.count == 0) return;
    const double total = count + other.count;
    const auto delta = other.mean - mean;
    mean += delta * (other.count / total);
    deviation += other.deviation + delta * delta * (count * other.count / total);
    count = total;
  }
};

/// Moments of `count` vectors that lie in the first-level cache: two passes, mean first.
template <class V>
inline Moments<V> moments_of(const float* data, std::int64_t count) {
  V sum{}, square{};
  for (std::int64_t i = 0; i < count; ++i) sum += load<V>(data + i * lanes<V>);
  const V mean = sum / static_cast<float>(count);
  V rest{};
  for (std::int64_t i = 0; i < count; ++i) {
    const V d = load<V>(data + i * lanes<V>) - mean;
    rest += d;
    square += d * d;
  }
  Moments<V> m;
  m.count = static_cast<double>(count);
  m.mean = widen(mean) + widen(rest) / m.count;
  m.deviation = widen(square) - widen(rest) * widen(rest) / m.count;
  return m;
}

/// Adds the planes' moments in the order of the images and writes [c] numbers each.
template <class V>
void reduce_moments(Moments<V>* partial, std::int64_t images, std::int64_t group_count,
                    double* mean, double* deviation) {
  for (std::int64_t g = 0; g < group_count; ++g) {
    Moments<V> total;
    for (std::int64_t n = 0; n < images; ++n) total.merge(partial[n * group_count + g]);
    for (int lane = 0; lane < lanes<V>; ++lane) {
      mean[g * lanes<V> + lane] = reinterpret_cast<const double*>(&total.mean)[lane];
      deviation[g * lanes<V> + lane] = reinterpret_cast<const double*>(&total.deviation)[lane];
    }
  }
}

/// Adds the planes' sums in the order of the images and writes [c] numbers.
template <class V>
void reduce_sums(const typename Wide<V>::Type* partial, std::int64_t images,
                 std::int64_t group_count, double* out) {
  for (std::int64_t g = 0; g < group_count; ++g) {
    typename Wide<V>::Type total{};
    for (std::int64_t n = 0; n < images; ++n) total += partial[n * group_count + g];
    for (int lane = 0; lane < lanes<V>; ++lane) {
      out[g * lanes<V> + lane] = reinterpret_cast<const double*>(&total)[lane];
    }
  }
}

/// Calls f with a value of the lane type that the tensor's layout asks for.
template <class F>
inline void dispatch(const Tensor& t, F&& f) {
  if (t.layout.block == block) {
    f(Vec{});
  } else {
    f(float{});
  }
}

}  // namespace hikaku::cpu::HIKAKU_ISA
