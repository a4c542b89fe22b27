// Bytes as text, and the digest that names them: for pages that hold everything in one file.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace hikaku {

/// RFC 4648, section 4, padded.
[[nodiscard]] std::string base64(std::string_view bytes);

/// FIPS 180-4, as 32 bytes.
[[nodiscard]] std::array<std::uint8_t, 32> sha256(std::string_view bytes);

}  // namespace hikaku
