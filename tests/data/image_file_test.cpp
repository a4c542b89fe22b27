#include "data/image_file.h"

#include <gtest/gtest.h>

#include "data/voc_palette.h"
#include "files.h"

namespace hikaku {
namespace {

TEST(ImageFile, PngsOfEachKindBecomeRgb) {
  const Picture rgb = decode_png_picture(
      make_png({.width = 2, .height = 1, .colour_type = 2}, {0, 1, 2, 3, 250, 251, 252}), "rgb");
  EXPECT_EQ(rgb.rgb, (Bytes{1, 2, 3, 250, 251, 252}));
  const Picture grey = decode_png_picture(
      make_png({.width = 2, .height = 1, .colour_type = 0}, {0, 7, 200}), "grey");
  EXPECT_EQ(grey.rgb, (Bytes{7, 7, 7, 200, 200, 200}));
  const Picture clear = decode_png_picture(
      make_png({.width = 2, .height = 1, .colour_type = 6}, {0, 9, 9, 9, 255, 9, 9, 9, 0}), "rgba");
  EXPECT_EQ(clear.rgb, (Bytes{9, 9, 9, 0, 0, 0}));
}

TEST(ImageFile, ADamagedPngIsRefusedByName) {
  Bytes bytes = make_png({.width = 2, .height = 1, .colour_type = 2}, {0, 1, 2, 3, 4, 5, 6});
  bytes[bytes.size() - 20] ^= 1;
  EXPECT_REFUSAL(refusal([&] { (void)decode_png_picture(bytes, "x.png"); }), "x.png: damaged PNG");
  bytes.resize(bytes.size() / 2);
  EXPECT_REFUSAL(refusal([&] { (void)decode_png_picture(bytes, "x.png"); }), "x.png: ");
}

TEST(ImageFile, AnOverlayLeavesTheBackgroundAlone) {
  Picture picture;
  picture.width = 2;
  picture.height = 1;
  picture.rgb = {100, 100, 100, 100, 100, 100};
  const Picture mixed = overlay(picture, {2, 1, {0, 15}, {}});
  const Colour colour = voc_colour(15);
  EXPECT_EQ(mixed.rgb[0], 100);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(mixed.rgb[3 + c], (100 + colour[c]) / 2);
}

TEST(ImageFile, AnNpyFilesHeaderIsAlignedAndEndsItsLine) {
  const std::vector<float> values{1, 2, 3, 4, 5, 6};
  const Bytes bytes = encode_npy(values, {2, 3});
  const std::string text(bytes.begin(), bytes.end());
  EXPECT_TRUE(text.starts_with(std::string("\x93NUMPY\x01\x00", 8)));
  const std::size_t header = 10 + bytes[8] + 256U * bytes[9];
  EXPECT_EQ(header % 64, 0U);
  EXPECT_EQ(text[header - 1], '\n');
  EXPECT_NE(text.find("'shape': (2, 3,)"), std::string::npos);
  EXPECT_EQ(bytes.size(), header + 24);
}

}  // namespace
}  // namespace hikaku
