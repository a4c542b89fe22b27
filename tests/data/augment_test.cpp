#include "data/augment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "data/transform.h"
#include "data/voc_palette.h"
#include "files.h"

namespace hikaku {
namespace {

constexpr int side = 24;
constexpr std::size_t area = 576;  // side * side

struct Augmented {
  std::vector<float> image = std::vector<float>(3 * area);
  std::vector<std::uint8_t> labels = std::vector<std::uint8_t>(area);
};

Augmented augmented(const Picture& picture, const Mask& mask, const AugmentDraw& draw) {
  Augmented result;
  const auto sources = augmented_sources(draw, picture.height, picture.width, side, side);
  augment_picture(picture, draw, sources, result.image.data());
  augment_mask(mask, sources, void_label, result.labels.data());
  return result;
}

/// Red tells the class, so that a picture and its mask can be seen to have moved together.
Picture coloured_by(const Mask& mask) {
  Picture picture;
  picture.width = mask.width;
  picture.height = mask.height;
  for (const std::uint8_t label : mask.index) {
    picture.rgb.insert(picture.rgb.end(), {static_cast<std::uint8_t>(label * 10), 0, 0});
  }
  return picture;
}

Mask stripes(int width, int height) {
  Mask mask{width, height, {}, {}};
  for (int i = 0; i < width * height; ++i) {
    mask.index.push_back(static_cast<std::uint8_t>((i % width / 5 + i / width / 5) % 21));
  }
  return mask;
}

TEST(Augment, WithoutADrawIsThePlainTransform) {
  const Picture picture = ramp(50, 37);
  const Mask mask = disc(50, 37, 7);
  const Augmented found = augmented(picture, mask, {});
  Augmented plain;
  transform_picture(picture, side, side, plain.image.data());
  transform_mask(mask, side, side, void_label, plain.labels.data());
  EXPECT_EQ(found.image, plain.image);
  EXPECT_EQ(found.labels, plain.labels);
}

TEST(Augment, AFlipMirrorsTheColumns) {
  const Picture picture = ramp(50, 37);
  const Mask mask = stripes(50, 37);
  AugmentDraw draw;
  const Augmented plain = augmented(picture, mask, draw);
  draw.flip = true;
  const Augmented flipped = augmented(picture, mask, draw);
  for (int y = 0; y < 3 * side; ++y) {
    for (int x = 0; x < side; ++x) {
      ASSERT_EQ(flipped.image[static_cast<std::size_t>(y * side + x)],
                plain.image[static_cast<std::size_t>(y * side + side - 1 - x)]);
    }
  }
  EXPECT_NE(flipped.labels, plain.labels);
}

TEST(Augment, PictureAndMaskMoveTogether) {
  const Mask mask = stripes(60, 45);
  const Picture picture = coloured_by(mask);
  const Augmentation all{true, 30, 1.5, 0.5, 0};
  int outside = 0;
  for (std::uint64_t item = 0; item < 40; ++item) {
    const Augmented found = augmented(picture, mask, draw_augmentation(all, 3, 1, item));
    for (std::size_t i = 0; i < found.labels.size(); ++i) {
      const std::uint8_t label = found.labels[i];
      outside += label == void_label ? 1 : 0;
      const float red =
          label == void_label ? 0 : normalised_value(0, static_cast<std::uint8_t>(label * 10));
      ASSERT_EQ(found.image[i], red);
    }
  }
  EXPECT_GT(outside, 0);
}

TEST(Augment, AQuarterTurnOfASquareIsExact) {
  const Mask mask = stripes(side, side);
  AugmentDraw draw;
  draw.moved = true;
  draw.xu = draw.yv = 0;
  draw.xv = -1;
  draw.yu = 1;
  const Augmented turned = augmented(coloured_by(mask), mask, draw);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      ASSERT_EQ(turned.labels[static_cast<std::size_t>(y * side + x)],
                mask.index[static_cast<std::size_t>(x * side + side - 1 - y)]);
    }
  }
}

TEST(Augment, DrawsStayInTheirRangesAndDependOnSeedEpochAndItem) {
  const Augmentation all{true, 15, 2, 0.5, 0.25};
  std::set<double> seen;
  int flips = 0;
  for (std::uint64_t item = 0; item < 500; ++item) {
    const AugmentDraw draw = draw_augmentation(all, 1, 2, item);
    flips += draw.flip ? 1 : 0;
    const double size = std::hypot(draw.xu, draw.yu);
    EXPECT_GE(size, 0.5 / 2 - 1e-9);
    EXPECT_LE(size, 2 + 1e-9);
    EXPECT_LE(std::abs(std::atan2(draw.yu, draw.xu)), 15 * M_PI / 180 + 1e-9);
    EXPECT_LE(std::abs(draw.x), 0.25);
    for (const double factor : {draw.brightness, draw.contrast, draw.saturation}) {
      EXPECT_GE(factor, 0.75);
      EXPECT_LE(factor, 1.25);
    }
    seen.insert(draw.x);
  }
  EXPECT_EQ(seen.size(), 500U);
  EXPECT_NEAR(flips, 250, 60);
  EXPECT_EQ(draw_augmentation(all, 1, 2, 3).x, draw_augmentation(all, 1, 2, 3).x);
  EXPECT_NE(draw_augmentation(all, 1, 2, 3).x, draw_augmentation(all, 2, 2, 3).x);
  EXPECT_NE(draw_augmentation(all, 1, 2, 3).x, draw_augmentation(all, 1, 3, 3).x);
}

TEST(Augment, OneKindLeavesTheOthersDrawsAlone) {
  const AugmentDraw all = draw_augmentation({true, 15, 2, 0.5, 0.25}, 1, 2, 3);
  EXPECT_EQ(draw_augmentation({false, 15, 2, 0.5, 0}, 1, 2, 3).x, all.x);
  EXPECT_EQ(draw_augmentation({false, 0, 1, 1, 0.25}, 1, 2, 3).contrast, all.contrast);
  EXPECT_FALSE(draw_augmentation({true, 0, 1, 1, 0.25}, 1, 2, 3).moved);
}

TEST(Augment, ColourChangesStayColours) {
  AugmentDraw draw;
  draw.brightness = 2;
  draw.saturation = 0;
  const Picture picture = ramp(50, 37);
  const Augmented found = augmented(picture, disc(50, 37, 7), draw);
  const std::size_t plane = area;
  for (std::size_t i = 0; i < plane; ++i) {
    // Without saturation all channels are the same grey, and none is above white.
    const float red = found.image[i] * 0.229f + 0.485f;
    EXPECT_NEAR(red, found.image[plane + i] * 0.224f + 0.456f, 1e-5);
    EXPECT_LE(red, 1 + 1e-5);
    EXPECT_GE(red, -1e-5);
  }
}

}  // namespace
}  // namespace hikaku
