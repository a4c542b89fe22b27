#include "data/transform.h"

#include "files.h"

namespace hikaku {
namespace {

TEST(Transform, NearestIsTorchs) {
  // The hash is of torch's interpolate(mode="nearest") on 0, 1, ..., in - 1, low byte then high.
  std::uint64_t hash = fnv1a({});
  for (const int out : {256, 240, 224, 100, 97}) {
    for (int in = 1; in <= 600; ++in) {
      for (int i = 0; i < out; ++i) {
        const int source = nearest_source(i, in, out);
        const std::uint8_t bytes[2] = {static_cast<std::uint8_t>(source & 255),
                                       static_cast<std::uint8_t>(source >> 8)};
        hash = fnv1a(bytes, hash);
      }
    }
  }
  EXPECT_EQ(hash, 0xe811561aa5d7f65au);
  EXPECT_EQ(nearest_source(56, 248, 224), 61);  // 62 in exact arithmetic
  EXPECT_EQ(nearest_source(55, 420, 100), 230);
}

TEST(Transform, NormalisesAsTorch) {
  Picture picture;
  picture.width = 4;
  picture.height = 1;
  for (const int value : {0, 1, 128, 255}) {
    picture.rgb.insert(picture.rgb.end(), 3, static_cast<std::uint8_t>(value));
  }
  std::vector<float> out(12);
  transform_picture(picture, 1, 4, out.data());
  const std::vector<float> expected{-0x1.0f177ap+1f, -0x1.0ce656p+1f, 0x1.2f5e64p-4f,
                                    0x1.1fdc3ap+1f,  -0x1.049248p+1f, -0x1.02549ep+1f,
                                    0x1.a43690p-3f,  0x1.36db6ep+1f,  -0x1.cdf012p+0f,
                                    -0x1.c979d4p+0f, 0x1.b4ba78p-2f,  0x1.51eb86p+1f};
  EXPECT_EQ(out, expected);
}

TEST(Transform, PlanesAndRowsAreInTheirPlaces) {
  const Picture picture = ramp(10, 6);
  const int height = 4, width = 8;
  std::vector<float> out(3 * height * width + 1, -99.0f);
  transform_picture(picture, height, width, out.data());
  const float scales[3] = {0.229f, 0.224f, 0.225f}, means[3] = {0.485f, 0.456f, 0.406f};
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t y = 0; y < height; ++y) {
      for (std::size_t x = 0; x < width; ++x) {
        const std::size_t source = (y * 6 / height) * 10 + x * 10 / width;
        const float value = picture.rgb[3 * source + c] / 255.0f;
        EXPECT_EQ(out[(c * height + y) * width + x], (value - means[c]) / scales[c]);
      }
    }
  }
  EXPECT_EQ(out.back(), -99.0f);  // and nothing behind
}

TEST(Transform, VoidBecomesWhatIsAsked) {
  const Mask mask{4, 2, {0, 1, 2, 255, 20, 21, 255, 3}, {}};
  Bytes out(8);
  transform_mask(mask, 2, 4, 0, out.data());
  EXPECT_EQ(out, (Bytes{0, 1, 2, 0, 20, 21, 0, 3}));
  transform_mask(mask, 2, 4, 255, out.data());
  EXPECT_EQ(out, mask.index);
  transform_mask(mask, 4, 2, 255, out.data());
  EXPECT_EQ(out, (Bytes{0, 2, 0, 2, 20, 255, 20, 255}));
}

TEST(Transform, OnePixelFillsAll) {
  const Picture picture{1, 1, {255, 0, 255}, 1, {}};
  std::vector<float> out(std::size_t{3} * 5 * 7);
  transform_picture(picture, 5, 7, out.data());
  EXPECT_EQ(out.front(), out[34]);
}

}  // namespace
}  // namespace hikaku
