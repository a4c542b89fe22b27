// Augmentation: a picture and its mask, changed at random in the same way, so that no two epochs
// show the network quite the same.
#pragma once

#include <cstdint>

#include "data/picture.h"

namespace hikaku {

/// What may be drawn; each is off by default.
struct Augmentation {
  bool flip = false;  ///< left and right, every other time
  double rotate = 0;  ///< by at most so many degrees, either way
  double scale = 1;   ///< zoomed by 1/scale to scale, uniform in the logarithm
  double crop = 1;    ///< to a window anywhere inside, whose sides are this share of it or more
  double colour = 0;  ///< brightness, contrast and saturation times 1 - colour to 1 + colour

  [[nodiscard]] bool any() const { return flip || moves() || colour > 0; }
  /// True if other pixels of the source may be wanted than those that transform.h takes.
  [[nodiscard]] bool moves() const { return rotate > 0 || scale > 1 || crop < 1; }
  bool operator==(const Augmentation&) const = default;
};

/// What was drawn for one picture. From the target's coordinates, -1/2..1/2 on both axes, to those
/// of the source: (u, v) -> (xu * u + xv * v + x, yu * u + yv * v + y).
struct AugmentDraw {
  bool flip = false;
  bool moved = false;  ///< else the six numbers are those of the identity
  double xu = 1, xv = 0, x = 0, yu = 0, yv = 1, y = 0;
  double brightness = 1, contrast = 1, saturation = 1;
};

/// Depends on (seed, epoch, item) alone, whoever asks and in whatever order.
[[nodiscard]] AugmentDraw draw_augmentation(const Augmentation& augmentation, std::uint64_t seed,
                                            std::uint64_t epoch, std::uint64_t item);

/// Where the pixels of a target come from: indices into the source's pixels, -1 outside of it.
/// Nearest neighbour, and without a move those of transform.h.
[[nodiscard]] std::vector<std::int32_t> augmented_sources(const AugmentDraw& draw, int in_height,
                                                          int in_width, int height, int width);

/// As transform_picture: outside of the source a pixel is the mean colour, 0 after normalising.
void augment_picture(const Picture& picture, const AugmentDraw& draw,
                     const std::vector<std::int32_t>& sources, float* target);
/// As transform_mask: outside of the source a pixel is void.
void augment_mask(const Mask& mask, const std::vector<std::int32_t>& sources,
                  std::uint8_t void_becomes, std::uint8_t* target);

}  // namespace hikaku
