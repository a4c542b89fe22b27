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

TEST(ImageFile, EachOrientationIsTurnedUpright) {
  // What people see is a b c / d e f; EXIF (CIPA DC-008) tells for each orientation which sides of
  // it the stored first row and first column are.
  struct Stored {
    int orientation, width;
    std::string_view pixels;
  };
  for (const Stored& stored :
       {Stored{1, 3, "abcdef"}, Stored{2, 3, "cbafed"}, Stored{3, 3, "fedcba"},
        Stored{4, 3, "defabc"}, Stored{5, 2, "adbecf"}, Stored{6, 2, "cfbead"},
        Stored{7, 2, "fcebda"}, Stored{8, 2, "daebfc"}}) {
    Picture picture;
    picture.width = stored.width;
    picture.height = 6 / stored.width;
    picture.orientation = stored.orientation;
    for (const char c : stored.pixels) {
      picture.rgb.insert(picture.rgb.end(), {static_cast<std::uint8_t>(c), 1, 2});
    }
    const Picture seen = upright(std::move(picture));
    EXPECT_EQ(seen.width, 3);
    EXPECT_EQ(seen.height, 2);
    EXPECT_EQ(seen.orientation, 1);
    std::string pixels;
    for (std::size_t i = 0; i < seen.rgb.size(); i += 3) {
      pixels += static_cast<char>(seen.rgb[i]);
      EXPECT_EQ(seen.rgb[i + 2], 2);
    }
    EXPECT_EQ(pixels, "abcdef") << "orientation " << stored.orientation;
  }
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
