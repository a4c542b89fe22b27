// PASCAL VOC's classes and their colours (Everingham et al., "The PASCAL Visual Object Classes
// Challenge", IJCV 2010, and the VOCcode of its development kit).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hikaku {

inline constexpr int class_count = 22;           ///< outputs; the last is never a target
inline constexpr std::uint8_t void_label = 255;  ///< object borders: in no class

using Colour = std::array<std::uint8_t, 3>;

/// "background", "aeroplane", ..., "tv/monitor", "unlabelled"; `label` 0..21.
[[nodiscard]] std::string_view class_name(int label);

/// The colour of an index: its bits 0, 1, 2 are the highest bits of red, green, blue, its bits 3,
/// 4, 5 the next, and so on: 1 = 128,0,0; 255 = 224,224,192.
[[nodiscard]] constexpr Colour voc_colour(std::uint8_t index) {
  Colour colour{};
  for (int bit = 0; bit < 8; ++bit) {
    const int set = index >> bit & 1;
    colour[bit % 3] = static_cast<std::uint8_t>(colour[bit % 3] | set << (7 - bit / 3));
  }
  return colour;
}

/// The inverse of `voc_colour`: only the bits that the map uses are read. The
/// colour is in the map only if voc_colour(voc_index(c)) == c.
[[nodiscard]] constexpr std::uint8_t voc_index(const Colour& colour) {
  int index = 0;
  for (int bit = 0; bit < 8; ++bit) index |= (colour[bit % 3] >> (7 - bit / 3) & 1) << bit;
  return static_cast<std::uint8_t>(index);
}

}  // namespace hikaku
