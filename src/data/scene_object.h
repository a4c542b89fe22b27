// The objects of generated scenes: what a class looks like.
#pragma once

#include <cstdint>

#include "base/philox.h"
#include "data/voc_palette.h"

namespace hikaku {

/// A point in an object's own coordinates: -unit..unit is its extent on both axes.
struct ObjectPoint {
  static constexpr int unit = 256;
  int u = 0, v = 0;
};

/// How a class looks.
struct Look {
  enum class Outline : std::uint8_t { box, cross, diamond, disc, hull, star, triangle };
  enum class Texture : std::uint8_t { checks, dots, frame, plain, rings, stripes };

  std::uint8_t label;
  Outline outline;
  Texture texture;
  Colour base, second;
  int width, height;  ///< half the extent, in percent of the object's size
};

class SceneObject {
 public:
  /// Draws class, place, size and rotation from `random`, for a picture of these sides.
  SceneObject(Philox& random, int width, int height);

  [[nodiscard]] std::uint8_t label() const { return look_->label; }
  [[nodiscard]] ObjectPoint point_at(int x, int y) const;
  [[nodiscard]] bool covers(ObjectPoint point) const;
  [[nodiscard]] const Colour& colour_at(ObjectPoint point) const;

 private:
  const Look* look_;
  int centre_x_, centre_y_;
  int half_width_, half_height_;  ///< pixels
  int cosine_, sine_;             ///< times 2^14
};

}  // namespace hikaku
