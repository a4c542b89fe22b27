#include "tensor/half.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"

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

/// All numbers of a type, by their bits: a look-up is several times faster than the arithmetic.
template <std::size_t count, class From>
std::array<float, count> table_of(const From& from) {
  std::array<float, count> table;
  for (std::size_t bits = 0; bits < count; ++bits) table[bits] = from(bits);
  return table;
}

template <class T, class To, class Convert>
void convert(const void* from, std::int64_t count, To* to, const Convert& one) {
  const auto* source = static_cast<const T*>(from);
  for (std::int64_t i = 0; i < count; ++i) to[i] = static_cast<To>(one(source[i]));
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

void encode(const float* from, std::int64_t count, DType type, void* to) {
  switch (type) {
    case DType::f32:
      return convert<float>(from, count, static_cast<float*>(to), [](float x) { return x; });
    case DType::bf16:
      return convert<float>(from, count, static_cast<std::uint16_t*>(to), to_bf16);
    case DType::f16:
      return convert<float>(from, count, static_cast<std::uint16_t*>(to), to_f16);
    case DType::u8:
      return convert<float>(from, count, static_cast<std::uint8_t*>(to), to_e4m3);
    default:
      require(false, "[encode] {}", name_of(type));
  }
}

void decode(const void* from, std::int64_t count, DType type, double* to) {
  static const auto f16s =
      table_of<65536>([](std::size_t bits) { return from_f16(static_cast<std::uint16_t>(bits)); });
  static const auto e4m3s =
      table_of<256>([](std::size_t bits) { return from_e4m3(static_cast<std::uint8_t>(bits)); });
  switch (type) {
    case DType::f64:
      return convert<double>(from, count, to, [](double x) { return x; });
    case DType::f32:
      return convert<float>(from, count, to, [](float x) { return x; });
    case DType::bf16:
      return convert<std::uint16_t>(from, count, to, from_bf16);
    case DType::f16:
      return convert<std::uint16_t>(from, count, to, [&](std::uint16_t x) { return f16s[x]; });
    case DType::u8:
      return convert<std::uint8_t>(from, count, to, [&](std::uint8_t x) { return e4m3s[x]; });
  }
}

}  // namespace hikaku
