// A plane is one image's block of channels: h * w vectors in one piece of memory, in every layout.
// Sums are formed per plane and added up in a fixed order, so that no result depends on the number
// of threads.
#pragma once

#include <omp.h>

#include <cstddef>
#include <new>

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

/// What a thread's scopes have needed, kept by the depth at which they nest: once each op has run,
/// nothing is allocated any more.
class ScopeMemory {
 public:
  static ScopeMemory& of_this_thread() {
    thread_local ScopeMemory memory;
    return memory;
  }
  void* enter(std::size_t bytes) {
    if (depth_ == most_scopes) throw std::bad_alloc();
    Piece& piece = pieces_[depth_];
    if (piece.bytes < bytes) {
      release(piece);
      piece.data = ::operator new (bytes, std::align_val_t{64});
      piece.bytes = bytes;
    }
    ++depth_;
    return piece.data;
  }
  void leave() { --depth_; }
  ~ScopeMemory() {
    for (Piece& piece : pieces_) release(piece);
  }

 private:
  static constexpr int most_scopes = 32;
  struct Piece {
    void* data = nullptr;
    std::size_t bytes = 0;
  };
  static void release(Piece& piece) {
    ::operator delete (piece.data, std::align_val_t{64});
    piece = {};
  }
  Piece pieces_[most_scopes];
  int depth_ = 0;
};

/// Memory for partial sums, for the length of the scope. Made and left by the same thread, the last
/// one first.
template <class T>
class Partials {
 public:
  explicit Partials(std::int64_t count)
      : data_(static_cast<T*>(
            ScopeMemory::of_this_thread().enter(static_cast<std::size_t>(count) * sizeof(T)))) {
    for (std::int64_t i = 0; i < count; ++i) data_[i] = T{};
  }
  ~Partials() { ScopeMemory::of_this_thread().leave(); }
  Partials(const Partials&) = delete;
  Partials& operator=(const Partials&) = delete;
  T& operator[](std::int64_t i) { return data_[i]; }
  T* get() { return data_; }

 private:
  T* data_;
};

/// `count` elements for each thread of a parallel region, taken before it begins: where memory
/// ends, the exception can be caught. Not zeroed.
template <class T>
class PerThread {
 public:
  explicit PerThread(std::int64_t count)
      : count_(count),
        stride_((count * static_cast<std::int64_t>(sizeof(T)) + 63) / 64 * 64),
        data_(static_cast<char*>(ScopeMemory::of_this_thread().enter(
            static_cast<std::size_t>(omp_get_max_threads() * stride_)))) {}
  ~PerThread() { ScopeMemory::of_this_thread().leave(); }
  PerThread(const PerThread&) = delete;
  PerThread& operator=(const PerThread&) = delete;
  /// The calling thread's.
  [[nodiscard]] T* own() const {
    return reinterpret_cast<T*>(data_ + omp_get_thread_num() * stride_);
  }
  [[nodiscard]] T* own_zeroed() const {
    T* data = own();
    for (std::int64_t i = 0; i < count_; ++i) data[i] = T{};
    return data;
  }

 private:
  std::int64_t count_, stride_;  ///< elements; bytes from one thread's to the next's
  char* data_;
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
