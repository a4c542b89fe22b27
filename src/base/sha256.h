// The digest that names bytes: SHA-256 of FIPS 180-4.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace hikaku {

using Digest = std::array<std::uint8_t, 32>;

/// Of bytes that come a piece at a time.
class Sha256 {
 public:
  void update(std::string_view bytes);
  /// Of all bytes so far; nothing may follow.
  [[nodiscard]] Digest digest();

 private:
  std::array<std::uint32_t, 8> hash_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::string tail_;  ///< less than a block
  std::uint64_t bytes_ = 0;
};

[[nodiscard]] Digest sha256(std::string_view bytes);

/// 64 small hexadecimal digits.
[[nodiscard]] std::string hex_of(const Digest& digest);

}  // namespace hikaku
