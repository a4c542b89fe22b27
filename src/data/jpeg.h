// JPEG pictures.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/picture.h"

namespace hikaku {

/// Decodes baseline and progressive JPEG of 8 bits; the pixels equal Pillow's. Grey, CMYK and YCCK
/// become RGB (four components are taken as inverted, as Adobe writes them and Pillow reads them).
/// BadData naming `name` for everything else, and for every file that libjpeg would fill up with
/// grey: cut short, or damaged in the entropy data. `recycled` lends its memory to the result.
[[nodiscard]] Picture decode_jpeg(std::span<const std::uint8_t> bytes, const std::string& name,
                                  Picture recycled = {}, const DecodeLimits& limits = {});

/// Baseline, YCbCr 4:2:0; `quality` 1..100.
[[nodiscard]] std::vector<std::uint8_t> encode_jpeg(const Picture& picture, int quality = 90);

/// The orientation, 1..8, in the payload of an APP1 marker; 1 where it holds none.
[[nodiscard]] int exif_orientation(std::span<const std::uint8_t> app1);

}  // namespace hikaku
