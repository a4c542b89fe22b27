// Pictures to look at or to predict from, in whatever kind of JPEG or PNG; and what is written
// beside them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/classes.h"
#include "data/picture.h"

namespace hikaku {

/// By its first bytes a JPEG (data/jpeg.h) or a PNG; BadData naming it for everything else.
[[nodiscard]] Picture read_image(const std::filesystem::path& path);

/// Turned and mirrored as its EXIF orientation says, which is 1 then: a picture as people see it,
/// for where no mask was drawn on the stored pixels.
[[nodiscard]] Picture upright(Picture picture);

/// A PNG of any colour type and depth as RGB of 8 bits; what is transparent is shown on black.
[[nodiscard]] Picture decode_png_picture(std::span<const std::uint8_t> bytes,
                                         const std::string& name, const DecodeLimits& limits = {});

/// The files with a name of a picture (.jpg, .jpeg, .png) in a folder, in the order of their names;
/// a path that is none is given back alone.
[[nodiscard]] std::vector<std::filesystem::path> pictures_at(const std::filesystem::path& path);

/// Half the picture, half the colour of the class; the background stays as it is.
[[nodiscard]] Picture overlay(const Picture& picture, const Mask& mask,
                              const Classes& classes = {});

/// A grey PNG of 16 bits: 0..1 becomes 0..65535.
[[nodiscard]] std::vector<std::uint8_t> encode_grey16(const std::vector<float>& values, int width,
                                                      int height);

/// NumPy's format 1.0 (numpy.org/doc/stable/reference/generated/numpy.lib.format.html): f32, in C
/// order.
[[nodiscard]] std::vector<std::uint8_t> encode_npy(std::span<const float> values,
                                                   const std::vector<std::int64_t>& shape);

}  // namespace hikaku
