#include "tensor/half.h"

#include <algorithm>
#include <cmath>

namespace hikaku {
namespace {

constexpr int f16_fraction_bits = 10;
constexpr int f16_smallest_exponent = -14;  // of a normal number
constexpr std::uint16_t f16_infinity = 0x7C00, f16_nan = 0x7E00;

}  // namespace

std::uint16_t to_f16(float value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const float size = std::fabs(value);
  if (std::isnan(value)) return sign | f16_nan;
  if (size == 0) return sign;
  int exponent = 0;
  std::frexp(size, &exponent);  // size is in [2^(exponent - 1), 2^exponent)
  const int unit = std::max(exponent - 1, f16_smallest_exponent) - f16_fraction_bits;
  // A multiple of the unit in the last place; exact but for this rounding, to the nearest even.
  const float multiple = std::nearbyint(std::ldexp(size, -unit));
  if (std::ldexp(multiple, unit) >= 65536.0f) return sign | f16_infinity;
  // Fraction and exponent are one number: a carry out of the fraction makes the next exponent.
  const int binade = unit + f16_fraction_bits - f16_smallest_exponent;  // 0: the smallest
  return static_cast<std::uint16_t>(sign |
                                    (static_cast<int>(multiple) + (binade << f16_fraction_bits)));
}

float from_f16(std::uint16_t bits) {
  const float sign = (bits & 0x8000) != 0 ? -1.0f : 1.0f;
  const int exponent = bits >> f16_fraction_bits & 0x1F;
  const int fraction = bits & 0x3FF;
  constexpr int top = 0x1F;
  if (exponent == top) return fraction != 0 ? std::nanf("") : sign * INFINITY;
  const int smallest_unit = f16_smallest_exponent - f16_fraction_bits;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), smallest_unit);
  return sign * std::ldexp(static_cast<float>(fraction + 0x400), smallest_unit + exponent - 1);
}

float round_to(DType type, float value) {
  switch (type) {
    case DType::bf16:
      return from_bf16(to_bf16(value));
    case DType::f16:
      return from_f16(to_f16(value));
    default:
      return value;
  }
}

}  // namespace hikaku
