// The floating-point types of 16 and 8 bits on the host: conversions, rounding to the nearest even.
#pragma once

#include <bit>
#include <cstdint>

namespace hikaku {

/// bf16: the upper half of an f32.
[[nodiscard]] inline std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (value != value) return static_cast<std::uint16_t>(bits >> 16 | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}
[[nodiscard]] inline float from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// f16: IEEE binary16, with subnormal numbers.
[[nodiscard]] std::uint16_t to_f16(float value);
[[nodiscard]] float from_f16(std::uint16_t bits);

/// e4m3 (Micikevicius et al., "FP8 Formats for Deep Learning", 2022): no infinities, the largest
/// number is 448. What is larger becomes 448, as tensor cores and PyTorch convert.
[[nodiscard]] std::uint8_t to_e4m3(float value);
[[nodiscard]] float from_e4m3(std::uint8_t bits);

}  // namespace hikaku
