// The vector type of one instruction set. Every file of this folder is compiled once for each set,
// with the set's flags and HIKAKU_ISA naming its namespace; nothing here may be shared between the
// compilations, so what the headers of ops/ and tensor/ bring is trivial whole-number code alone.
#pragma once

#include <cstdint>

namespace hikaku::cpu::HIKAKU_ISA {

#if defined(__AVX512F__)
inline constexpr int block = 16;
#else
inline constexpr int block = 8;
#endif

/// One block of channels; arithmetic is element-wise, a scalar operand is broadcast.
using Vec [[gnu::vector_size(block * sizeof(float)), gnu::may_alias]] = float;
using IntVec [[gnu::vector_size(block * sizeof(float))]] = std::int32_t;
using DoubleVec [[gnu::vector_size(block * sizeof(double))]] = double;

/// Kernels are templates on the lane type: Vec for blocked layouts, float for NCHW.
template <class V>
inline constexpr int lanes = sizeof(V) / sizeof(float);

template <class V>
struct Wide {  ///< doubles beside V
  using Type = DoubleVec;
};
template <>
struct Wide<float> {
  using Type = double;
};

inline DoubleVec widen(const Vec& v) { return __builtin_convertvector(v, DoubleVec); }
inline double widen(float v) { return v; }
inline Vec narrow(const DoubleVec& v) { return __builtin_convertvector(v, Vec); }
inline float narrow(double v) { return static_cast<float>(v); }

/// Small arrays need not be aligned; where the data are, an unaligned access costs nothing.
using UnalignedVec [[gnu::vector_size(block * sizeof(float)), gnu::may_alias, gnu::aligned(4)]] =
    float;

template <class V>
struct InMemory {
  using Type = UnalignedVec;
};
template <>
struct InMemory<float> {
  using Type = float;
};

template <class V>
inline V load(const float* p) {
  return *reinterpret_cast<const typename InMemory<V>::Type*>(p);
}
template <class V>
inline void store(float* p, const V& v) {
  *reinterpret_cast<typename InMemory<V>::Type*>(p) = v;
}

/// A not-a-number passes, so that a diverged network is seen and not clamped to zero.
template <class V>
inline V relu(const V& v) {
  return v < 0.0f ? V{} : v;
}
template <class V>
inline V max(const V& a, const V& b) {
  return a > b ? a : b;
}

}  // namespace hikaku::cpu::HIKAKU_ISA
