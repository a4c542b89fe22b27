// From decoded files to what the network takes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "data/picture.h"

namespace hikaku {

/// The source row (or column) of target row `target`, as torch's interpolate(mode="nearest") has
/// it: min(floor(target * scale), in - 1), scale = in / out, all in float32.
[[nodiscard]] inline int nearest_source(int target, int in, int out) {
  const float scale = static_cast<float>(in) / static_cast<float>(out);
  const int source = static_cast<int>(static_cast<float>(target) * scale);
  return source < in ? source : in - 1;
}

/// The value of a channel (0 red, 1 green, 2 blue) in [0, 1], less the mean and over the standard
/// deviation of ImageNet's, in float32; and that of 0..255.
[[nodiscard]] float normalise(std::size_t channel, float value);
[[nodiscard]] float normalised_value(std::size_t channel, std::uint8_t value);

/// Resizes by nearest to `height` x `width`, scales to [0, 1], then subtracts the mean and divides
/// by the standard deviation of ImageNet's channels, all in float32. Writes 3 x height x width.
void transform_picture(const Picture& picture, int height, int width, float* target);

/// Resizes by nearest; void (255) becomes `void_becomes`. Writes height x width.
void transform_mask(const Mask& mask, int height, int width, std::uint8_t void_becomes,
                    std::uint8_t* target);

/// The pixels that the two functions above take, as they are stored.
[[nodiscard]] Picture resize_picture(const Picture& picture, int height, int width);
[[nodiscard]] Mask resize_mask(const Mask& mask, int height, int width);

}  // namespace hikaku
