// e^x for a vector, to about one unit in the last place, for x <= 0 (softmax's use).
#pragma once

#include "cpu/simd/vec.h"

namespace hikaku::cpu::HIKAKU_ISA {

/// Cody & Waite's reduction x = n ln 2 + r, |r| <= ln 2 / 2, and e^r by its Taylor polynomial of
/// degree 7; below -87 the result is 0 (it would not be a normal number).
inline Vec exp_nonpositive(const Vec& x) {
  constexpr float log2e = 1.44269504f, ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
  constexpr float to_integer = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  const Vec clamped = x < -87.0f ? Vec{} - 87.0f : x;
  const Vec shifted = clamped * log2e + to_integer;
  const Vec n = shifted - to_integer;
  const Vec r = clamped - n * ln2_high - n * ln2_low;
  Vec p = Vec{} + 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r * r + r + 1.0f;
  const IntVec exponent = (__builtin_convertvector(n, IntVec) + 127) << 23;
  const Vec result = p * reinterpret_cast<const Vec&>(exponent);
  return x < -87.0f ? Vec{} : result;
}

}  // namespace hikaku::cpu::HIKAKU_ISA
