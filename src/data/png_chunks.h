// What a PNG says about itself, found without libpng.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "data/picture.h"

namespace hikaku {

struct PngHeader {
  std::uint32_t width = 0, height = 0;
  int bits = 0;         ///< a sample
  int colour_type = 0;  ///< 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGBA
  std::size_t end = 0;  ///< bytes up to the end of the last chunk
};

/// Walks the chunks of a PNG (W3C PNG, section 5.3): each must lie inside the file, the first be
/// IHDR, the last IEND. libpng must not see a file before: versions of it take the length of a
/// chunk that a 57-byte file does not hold for true, and allocate a gigabyte. BadData names `name`.
[[nodiscard]] PngHeader read_png_header(std::span<const std::uint8_t> bytes,
                                        const std::string& name);

/// BadData with this cure for an empty picture, one beyond the limits, and one with a side that a
/// JPEG cannot have.
void require_png_size(const PngHeader& header, const std::string& name, const DecodeLimits& limits,
                      const char* fix);

}  // namespace hikaku
