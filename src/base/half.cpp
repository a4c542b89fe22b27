#include "base/half.h"

#include <algorithm>
#include <cmath>

namespace hikaku {
namespace {

constexpr int f16_fraction_bits = 10;
constexpr int f16_smallest_exponent = -14;  // of a normal number
constexpr std::uint16_t f16_infinity = 0x7C00, f16_nan = 0x7E00;

constexpr int e4m3_fraction_bits = 3;
constexpr int e4m3_smallest_exponent = -6;
constexpr float e4m3_largest = 448;
constexpr std::uint8_t e4m3_nan = 0x7F, e4m3_largest_bits = 0x7E;

/// The bits of a finite positive number but for its sign; may be those of the first number too
/// large for the type.
int bits_of(float size, int fraction_bits, int smallest_exponent) {
  if (size == 0) return 0;
  int exponent = 0;
  std::frexp(size, &exponent);  // size is in [2^(exponent - 1), 2^exponent)
  const int unit = std::max(exponent - 1, smallest_exponent) - fraction_bits;
  // A multiple of the unit in the last place; exact but for this rounding, to the nearest even.
  const float multiple = std::nearbyint(std::ldexp(size, -unit));
  // Fraction and exponent are one number: a carry out of the fraction makes the next exponent.
  const int binade = unit + fraction_bits - smallest_exponent;  // 0: the smallest
  return static_cast<int>(multiple) + (binade << fraction_bits);
}

/// The opposite, for bits without a sign.
float number_of(int bits, int fraction_bits, int smallest_exponent) {
  const int exponent = bits >> fraction_bits, hidden = 1 << fraction_bits;
  const int fraction = bits & (hidden - 1), smallest_unit = smallest_exponent - fraction_bits;
  if (exponent == 0) return std::ldexp(static_cast<float>(fraction), smallest_unit);
  return std::ldexp(static_cast<float>(fraction + hidden), smallest_unit + exponent - 1);
}

}  // namespace

std::uint16_t to_f16(float value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  if (std::isnan(value)) return sign | f16_nan;
  if (std::isinf(value)) return sign | f16_infinity;
  const int bits = bits_of(std::fabs(value), f16_fraction_bits, f16_smallest_exponent);
  return static_cast<std::uint16_t>(sign | std::min<int>(bits, f16_infinity));
}

float from_f16(std::uint16_t bits) {
  const float sign = (bits & 0x8000) != 0 ? -1.0f : 1.0f;
  const int size = bits & 0x7FFF;
  if (size >= f16_infinity) return size > f16_infinity ? std::nanf("") : sign * INFINITY;
  return sign * number_of(size, f16_fraction_bits, f16_smallest_exponent);
}

std::uint8_t to_e4m3(float value) {
  const auto sign = static_cast<std::uint8_t>(std::signbit(value) ? 0x80 : 0);
  if (std::isnan(value)) return sign | e4m3_nan;
  const float size = std::min(std::fabs(value), e4m3_largest);
  const int bits = bits_of(size, e4m3_fraction_bits, e4m3_smallest_exponent);
  return static_cast<std::uint8_t>(sign | std::min<int>(bits, e4m3_largest_bits));
}

float from_e4m3(std::uint8_t bits) {
  const float sign = (bits & 0x80) != 0 ? -1.0f : 1.0f;
  const int size = bits & 0x7F;
  if (size == e4m3_nan) return std::nanf("");
  return sign * number_of(size, e4m3_fraction_bits, e4m3_smallest_exponent);
}

}  // namespace hikaku
