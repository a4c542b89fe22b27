// Of EXIF (CIPA DC-008), only the orientation: the entry of tag 0x0112 in the first directory.
#include <cstring>

#include "data/jpeg.h"

namespace hikaku {
namespace {

/// The TIFF structure inside EXIF; reading outside of it gives 0.
struct Tiff {
  std::span<const std::uint8_t> bytes;
  bool big_endian;

  [[nodiscard]] std::uint32_t number(std::size_t at, std::size_t count) const {
    if (at > bytes.size() || count > bytes.size() - at) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      value = value << 8 | bytes[at + (big_endian ? i : count - 1 - i)];
    }
    return value;
  }
};

}  // namespace

int exif_orientation(std::span<const std::uint8_t> app1) {
  constexpr std::uint8_t mark[6] = {'E', 'x', 'i', 'f', 0, 0};
  if (app1.size() < 14 || std::memcmp(app1.data(), mark, sizeof mark) != 0) return 1;
  const Tiff tiff{app1.subspan(6), app1[6] == 'M'};
  const std::size_t directory = tiff.number(4, 4);
  const std::size_t entries = tiff.number(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    if (tiff.number(entry, 2) == 0x0112) {
      const std::uint32_t value = tiff.number(entry + 8, 2);
      return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    }
  }
  return 1;
}

}  // namespace hikaku
