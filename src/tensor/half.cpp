#include "tensor/half.h"

#include <array>

#include "base/error.h"

namespace hikaku {
namespace {

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
