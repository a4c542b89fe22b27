#include <algorithm>
#include <array>
#include <cstdlib>

#include "data/scene_object.h"
#include "data/synth.h"

namespace hikaku {
namespace {

/// Smooth noise: random values on a grid, bilinear in between.
class Lattice {
 public:
  explicit Lattice(Philox& random) {
    for (auto& row : values_) {
      for (std::uint8_t& value : row) value = static_cast<std::uint8_t>(random.below(256));
    }
  }
  /// 0..255; `x` and `y` in 1/16 of a grid cell.
  [[nodiscard]] int at(int x, int y) const {
    const int fx = x & 15, fy = y & 15;
    const int top = value(x >> 4, y >> 4) * (16 - fx) + value((x >> 4) + 1, y >> 4) * fx;
    const int bottom =
        value(x >> 4, (y >> 4) + 1) * (16 - fx) + value((x >> 4) + 1, (y >> 4) + 1) * fx;
    return (top * (16 - fy) + bottom * fy) >> 8;
  }

 private:
  static constexpr std::size_t side = 64;
  [[nodiscard]] int value(int x, int y) const {
    return values_[static_cast<std::size_t>(y) % side][static_cast<std::size_t>(x) % side];
  }
  std::array<std::array<std::uint8_t, side>, side> values_{};
};

/// What the objects stand on: muted colours, so that it is not mistaken for them.
class Background {
 public:
  Background(Philox& random, int height)
      : kind_(static_cast<Kind>(random.below(5))),
        colour_(colours[random.below(colours.size())]),
        horizon_(height / 3 +
                 static_cast<int>(random.below(static_cast<std::uint32_t>(height / 3)))),
        lattice_(random) {}

  [[nodiscard]] std::array<int, 3> at(int x, int y) const {
    const int light = shade(x, y) + lattice_.at(x, y) / 8 + lattice_.at(x / 4, y / 4) / 4 - 48;
    return {colour_[0] + light, colour_[1] + light, colour_[2] + light};
  }

 private:
  enum class Kind : std::uint8_t { plain, horizon, bricks, planks, waves };
  static constexpr std::array<Colour, 8> colours{{{150, 160, 172},
                                                  {122, 132, 110},
                                                  {168, 156, 138},
                                                  {128, 122, 120},
                                                  {98, 104, 112},
                                                  {182, 182, 178},
                                                  {140, 126, 112},
                                                  {108, 122, 120}}};

  [[nodiscard]] int shade(int x, int y) const {
    switch (kind_) {
      case Kind::plain:
        return 0;
      case Kind::horizon:
        return y < horizon_ ? 40 - 40 * y / horizon_ : -35;
      case Kind::bricks: {
        const int row = y / 24;
        return y % 24 < 3 || (x + row % 2 * 28) % 56 < 3 ? -30 : 6;
      }
      case Kind::planks:
        return x % 40 < 2 ? -40 : x / 40 * 7 % 3 * 8;
      case Kind::waves:
        return std::abs((x / 2 + 3 * y + lattice_.at(x, y) / 4) % 48 - 24);
    }
    return 0;
  }

  Kind kind_;
  Colour colour_;
  int horizon_;
  Lattice lattice_;
};

/// Four pixels' grain from one block of random numbers: it depends on the pixel alone.
class Grain {
 public:
  explicit Grain(const Philox& random) : random_(random) {}
  [[nodiscard]] int at(std::size_t pixel, int channel) {
    if (pixel / 4 != block_) numbers_ = random_.block(block_ = pixel / 4);
    return static_cast<int>(numbers_[pixel % 4] >> (8 * channel) & 31) - 16;
  }

 private:
  Philox random_;
  std::uint64_t block_ = ~std::uint64_t{0};
  std::array<std::uint32_t, 4> numbers_{};
};

/// Void where an object meets another or the background: on both sides, where a neighbour differs.
void draw_void(const std::vector<std::uint8_t>& owner, Mask& mask) {
  const int width = mask.width, height = mask.height;
  const auto owner_at = [&](int x, int y) {
    return owner[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                 static_cast<std::size_t>(x)];
  };
  auto label = mask.index.begin();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x, ++label) {
      for (int near_y = std::max(y - 1, 0); near_y <= std::min(y + 1, height - 1); ++near_y) {
        for (int near_x = std::max(x - 1, 0); near_x <= std::min(x + 1, width - 1); ++near_x) {
          if (owner_at(near_x, near_y) != owner_at(x, y)) *label = void_label;
        }
      }
    }
  }
}

Scene empty_scene(Philox& random) {
  const int longer = 500 - static_cast<int>(random.below(60));
  const int shorter = 333 + static_cast<int>(random.below(43));
  const bool upright = random.below(4) == 0;
  Scene scene;
  Picture& picture = scene.picture;
  picture.width = scene.mask.width = upright ? shorter : longer;
  picture.height = scene.mask.height = upright ? longer : shorter;
  const auto pixels =
      static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
  picture.rgb.resize(3 * pixels);
  scene.mask.index.resize(pixels);
  return scene;
}

}  // namespace

Scene generate_scene(std::uint64_t seed, std::uint32_t number) {
  Philox random(seed, RandomUse::scene, 2 * std::uint64_t{number});
  Grain grain(Philox(seed, RandomUse::scene, 2 * std::uint64_t{number} + 1));
  Scene scene = empty_scene(random);
  Picture& picture = scene.picture;
  const Background background(random, picture.height);
  std::vector<SceneObject> objects;
  for (std::uint32_t count = 1 + random.below(4); objects.size() < count;) {
    objects.emplace_back(random, picture.width, picture.height);
  }
  std::vector<std::uint8_t> owner(scene.mask.index.size());  // 0, or the object's number from 1
  std::size_t pixel = 0;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x, ++pixel) {
      std::array<int, 3> colour = background.at(x, y);
      for (std::size_t i = 0; i < objects.size(); ++i) {  // later objects lie on earlier ones
        const ObjectPoint point = objects[i].point_at(x, y);
        if (!objects[i].covers(point)) continue;
        const Colour& painted = objects[i].colour_at(point);
        colour = {painted[0], painted[1], painted[2]};
        scene.mask.index[pixel] = objects[i].label();
        owner[pixel] = static_cast<std::uint8_t>(i + 1);
      }
      for (int c = 0; c < 3; ++c) {
        const int value = colour[static_cast<std::size_t>(c)] + grain.at(pixel, c);
        picture.rgb[3 * pixel + static_cast<std::size_t>(c)] =
            static_cast<std::uint8_t>(std::clamp(value, 0, 255));
      }
    }
  }
  draw_void(owner, scene.mask);
  return scene;
}

}  // namespace hikaku
