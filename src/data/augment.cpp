#include "data/augment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/philox.h"
#include "data/transform.h"
#include "data/voc_palette.h"

namespace hikaku {
namespace {

constexpr int epoch_bits = 24;  // of a stream's 48, the others are the item's

/// Uniform in [low, high).
double between(Philox& random, double low, double high) {
  return low + (high - low) * random.uniform_double();
}

/// Zoom and rotation about the middle of a window, then the window's place.
void draw_move(const Augmentation& augmentation, Philox& random, AugmentDraw& draw) {
  const double angle =
      between(random, -augmentation.rotate, augmentation.rotate) * std::numbers::pi / 180;
  const double reach = std::log(augmentation.scale);
  const double zoom = std::exp(between(random, -reach, reach));
  const double window = between(random, augmentation.crop, 1);
  const double room = (1 - window) / 2;  // of the window's middle, either way
  draw.x = between(random, -room, room);
  draw.y = between(random, -room, room);
  const double size = window / zoom;
  draw.xu = size * std::cos(angle);
  draw.xv = -size * std::sin(angle);
  draw.yu = -draw.xv;
  draw.yv = draw.xu;
  draw.moved = augmentation.moves();
}

/// The source's row or column of a coordinate, or -1.
int source_at(double coordinate, int in) {
  const auto at = static_cast<int>(std::floor((coordinate + 0.5) * in));
  return at >= 0 && at < in ? at : -1;
}

/// -1/2..1/2 for the middle of pixel `i`.
double coordinate_of(int i, int out) { return (i + 0.5) / out - 0.5; }

std::array<float, 3> jittered(const std::uint8_t* pixel, const AugmentDraw& draw) {
  std::array<double, 3> value{};
  for (std::size_t c = 0; c < 3; ++c) {
    value[c] = (pixel[c] / 255.0 * draw.brightness - 0.5) * draw.contrast + 0.5;
  }
  const double grey = 0.299 * value[0] + 0.587 * value[1] + 0.114 * value[2];
  std::array<float, 3> result{};
  for (std::size_t c = 0; c < 3; ++c) {
    const double mixed = grey + (value[c] - grey) * draw.saturation;
    result[c] = static_cast<float>(std::clamp(mixed, 0.0, 1.0));
  }
  return result;
}

}  // namespace

AugmentDraw draw_augmentation(const Augmentation& augmentation, std::uint64_t seed,
                              std::uint64_t epoch, std::uint64_t item) {
  Philox random(seed, RandomUse::augment, epoch << (48 - epoch_bits) | item);
  AugmentDraw draw;
  // Everything is drawn each time, so that one kind turned on or off leaves the others alone.
  const bool flip = random.below(2) == 1;
  draw.flip = augmentation.flip && flip;
  draw_move(augmentation, random, draw);
  const double low = 1 - augmentation.colour, high = 1 + augmentation.colour;
  draw.brightness = between(random, low, high);
  draw.contrast = between(random, low, high);
  draw.saturation = between(random, low, high);
  return draw;
}

std::vector<std::int32_t> augmented_sources(const AugmentDraw& draw, int in_height, int in_width,
                                            int height, int width) {
  std::vector<std::int32_t> sources;
  sources.reserve(static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const int column = draw.flip ? width - 1 - x : x;
      int from_y = nearest_source(y, in_height, height);
      int from_x = nearest_source(column, in_width, width);
      if (draw.moved) {
        const double u = coordinate_of(column, width), v = coordinate_of(y, height);
        from_x = source_at(draw.xu * u + draw.xv * v + draw.x, in_width);
        from_y = source_at(draw.yu * u + draw.yv * v + draw.y, in_height);
      }
      sources.push_back(from_x < 0 || from_y < 0 ? -1 : from_y * in_width + from_x);
    }
  }
  return sources;
}

void augment_picture(const Picture& picture, const AugmentDraw& draw,
                     const std::vector<std::int32_t>& sources, float* target) {
  const bool plain = draw.brightness == 1 && draw.contrast == 1 && draw.saturation == 1;
  const std::size_t plane = sources.size();
  for (std::size_t i = 0; i < plane; ++i) {
    const std::int32_t source = sources[i];
    const std::uint8_t* pixel =
        source < 0 ? nullptr : picture.rgb.data() + 3 * static_cast<std::size_t>(source);
    const auto value = source < 0 || plain ? std::array<float, 3>{} : jittered(pixel, draw);
    for (std::size_t c = 0; c < 3; ++c) {
      target[c * plane + i] = source < 0 ? 0.0f
                              : plain    ? normalised_value(c, pixel[c])
                                         : normalise(c, value[c]);
    }
  }
}

void augment_mask(const Mask& mask, const std::vector<std::int32_t>& sources,
                  std::uint8_t void_becomes, std::uint8_t* target) {
  for (const std::int32_t source : sources) {
    const std::uint8_t label =
        source < 0 ? void_label : mask.index[static_cast<std::size_t>(source)];
    *target++ = label == void_label ? void_becomes : label;
  }
}

}  // namespace hikaku
