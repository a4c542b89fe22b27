// A decoded picture, a decoded mask, and how large they may be.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hikaku {

/// Rows from the top, 3 bytes a pixel: red, green, blue. The pixels are as stored: masks are drawn
/// on them, so EXIF orientation is told but not applied: upright() (data/image_file.h) does that.
struct Picture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;
  int orientation = 1;             ///< the EXIF tag, 1..8; 1 = upright
  std::vector<std::string> notes;  ///< oddities that do not harm the pixels
};

/// Rows from the top, one byte a pixel: the class, or `void_label`.
struct Mask {
  int width = 0, height = 0;
  std::vector<std::uint8_t> index;
  std::vector<std::string> notes;
};

/// A few bytes can ask for gigabytes or for minutes; files beyond these limits are refused.
struct DecodeLimits {
  std::int64_t pixels = std::int64_t{64} << 20;
  int scans = 100;  ///< of a progressive JPEG: each is a pass over all its pixels
};

}  // namespace hikaku
