#include "data/jpeg.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "files.h"

namespace hikaku {
namespace {

std::string refused(const Bytes& bytes, const DecodeLimits& limits = {}) {
  return refusal([&] { (void)decode_jpeg(bytes, "a.jpg", {}, limits); });
}

/// The position of the first marker of this kind.
std::ptrdiff_t marker(const Bytes& bytes, std::uint8_t kind) {
  const std::array<std::uint8_t, 2> mark{0xff, kind};
  return std::search(bytes.begin(), bytes.end(), mark.begin(), mark.end()) - bytes.begin();
}

std::uint8_t& at(Bytes& bytes, std::ptrdiff_t position) {
  return bytes.at(static_cast<std::size_t>(position));
}

TEST(Jpeg, KeepsSizeAndRoughlyThePixels) {
  const Picture original = ramp(61, 37);
  const Picture decoded = decode_jpeg(encode_jpeg(original, 100), "a.jpg");
  ASSERT_EQ(decoded.width, 61);
  ASSERT_EQ(decoded.height, 37);
  ASSERT_EQ(decoded.rgb.size(), original.rgb.size());
  int worst = 0;
  for (std::size_t i = 0; i < original.rgb.size(); i += 3) {  // red: smooth, hardly changed
    worst = std::max(worst, std::abs(decoded.rgb[i] - original.rgb[i]));
  }
  EXPECT_LE(worst, 24);
  EXPECT_TRUE(decoded.notes.empty());
}

TEST(Jpeg, RecycledMemoryMakesNoDifference) {
  const Bytes bytes = make_jpeg();
  Picture used = decode_jpeg(with_orientation(make_jpeg({100, 90, 4}), 3), "b.jpg");
  EXPECT_EQ(decode_jpeg(bytes, "a.jpg", std::move(used)).rgb, decode_jpeg(bytes, "a.jpg").rgb);
}

TEST(Jpeg, GreyBecomesRgb) {
  const Picture picture = decode_jpeg(make_jpeg({16, 16, 1}), "a.jpg");
  ASSERT_EQ(picture.rgb.size(), 16u * 16 * 3);
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    EXPECT_EQ(picture.rgb[i], picture.rgb[i + 1]);
    EXPECT_EQ(picture.rgb[i], picture.rgb[i + 2]);
  }
}

TEST(Jpeg, FourComponentsAreInvertedInk) {
  // A stored 255 is no ink; red is cyan's share of what key lets through, and so on.
  const Picture picture = decode_jpeg(make_jpeg({16, 16, 4, false, {204, 102, 51, 220}}), "a.jpg");
  ASSERT_EQ(picture.rgb.size(), 16u * 16 * 3);
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    EXPECT_NEAR(picture.rgb[i], 204 * 220 / 255.0, 3);
    EXPECT_NEAR(picture.rgb[i + 1], 102 * 220 / 255.0, 3);
    EXPECT_NEAR(picture.rgb[i + 2], 51 * 220 / 255.0, 3);
  }
}

void expect_every_cut_refused(const Bytes& bytes) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_REFUSAL(refused(Bytes(bytes.begin(), bytes.begin() + static_cast<long>(size))),
                   "a.jpg: ");
  }
}

TEST(Jpeg, EveryTruncationIsRefusedByName) {
  for (const JpegSpec& spec :
       {JpegSpec{}, JpegSpec{33, 17, 1}, JpegSpec{40, 40, 4}, JpegSpec{48, 32, 3, true}}) {
    expect_every_cut_refused(make_jpeg(spec));
  }
}

TEST(Jpeg, ACutBehindTheLastRowIsRefused) {
  Bytes bytes = make_jpeg();
  const Bytes comment{0xff, 0xfe, 0, 8, 'c', 'o', 'l', 'o', 'u', 'r'};
  bytes.insert(bytes.end() - 2, comment.begin(), comment.end());
  EXPECT_NO_THROW((void)decode_jpeg(bytes, "a.jpg"));
  expect_every_cut_refused(bytes);
}

TEST(Jpeg, TruncationSaysWhere) {
  Bytes bytes = make_jpeg();
  bytes.resize(bytes.size() - 40);
  EXPECT_EQ(refused(bytes),
            fmt::format("a.jpg: the JPEG ends early at byte {} of the entropy data | restore the "
                        "file from its source, or take it out of the list",
                        bytes.size()));
}

TEST(Jpeg, DamagedEntropyDataIsRefused) {
  for (const bool progressive : {false, true}) {
    Bytes bytes = make_jpeg({64, 64, 3, progressive});
    const std::ptrdiff_t middle = (marker(bytes, 0xda) + static_cast<long>(bytes.size())) / 2;
    at(bytes, middle) = 0xff;  // the picture ends here
    at(bytes, middle + 1) = 0xd9;
    EXPECT_REFUSAL(refused(bytes), "a.jpg: damaged JPEG at byte ");
  }
}

TEST(Jpeg, OddHeaderIsAcceptedWithANote) {
  const Bytes good = make_jpeg();
  Bytes odd = good;
  odd.insert(odd.begin() + marker(odd, 0xdb), {0x12, 0x34});  // between two markers
  const Picture picture = decode_jpeg(odd, "a.jpg");
  EXPECT_EQ(picture.rgb, decode_jpeg(good, "a.jpg").rgb);
  ASSERT_EQ(picture.notes.size(), 1u);
  EXPECT_NE(picture.notes[0].find("odd JPEG header"), std::string::npos) << picture.notes[0];
}

TEST(Jpeg, BytesBehindThePictureDoNotMatter) {
  Bytes bytes = make_jpeg();
  const Picture good = decode_jpeg(bytes, "a.jpg");
  bytes.insert(bytes.end(), 100, 0x55);
  EXPECT_EQ(decode_jpeg(bytes, "a.jpg").rgb, good.rgb);
}

TEST(Jpeg, OrientationIsTold) {
  const Bytes upright = make_jpeg();
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Picture picture = decode_jpeg(with_orientation(upright, orientation), "a.jpg");
    EXPECT_EQ(picture.orientation, orientation);
    EXPECT_EQ(picture.notes.size(), orientation == 1 ? 0u : 1u);
    EXPECT_EQ(picture.width, 48);
  }
  EXPECT_EQ(decode_jpeg(with_orientation(upright, 9), "a.jpg").orientation, 1);
}

TEST(Jpeg, ExifComesInBothByteOrders) {
  const Bytes little{'E', 'x', 'i',  'f',  0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0,
                     1,   0,   0x12, 0x01, 3, 0, 1,   0,   0,  0, 8, 0, 0, 0};
  EXPECT_EQ(exif_orientation(little), 8);
}

TEST(Jpeg, BrokenExifIsUpright) {
  const Bytes exif{'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 0xff, 0xff, 0xff, 0xff, 0, 0};
  EXPECT_EQ(exif_orientation(exif), 1);
  for (std::size_t size = 0; size < exif.size(); ++size) {
    EXPECT_EQ(exif_orientation({exif.data(), size}), 1);
  }
}

TEST(Jpeg, OtherKindsAreRefusedByName) {
  EXPECT_REFUSAL(refused({}), "a.jpg: ");
  EXPECT_REFUSAL(refused({0x89, 'P', 'N', 'G', 0, 0}), "a.jpg: not a JPEG; ");
  Bytes bytes = make_jpeg();
  const std::ptrdiff_t frame = marker(bytes, 0xc0);
  at(bytes, frame + 4) = 12;
  EXPECT_REFUSAL(refused(bytes), "a.jpg: a 12-bit JPEG; 8 bits a sample are allowed");
  bytes = make_jpeg();
  at(bytes, frame + 1) = 0xc7;
  EXPECT_REFUSAL(refused(bytes), "a.jpg: a lossless or hierarchical JPEG (SOF7)");
}

TEST(Jpeg, LimitsAreKept) {
  Bytes bytes = make_jpeg();
  const std::ptrdiff_t frame = marker(bytes, 0xc0);
  for (int i = 5; i < 9; ++i) at(bytes, frame + i) = 0xf0;
  EXPECT_REFUSAL(refused(bytes), "a.jpg: 61680 x 61680 pixels; at most 67108864 are allowed");
  const Bytes progressive = make_jpeg({48, 32, 3, true});
  EXPECT_REFUSAL(refused(progressive, {1 << 20, 3}), "a.jpg: more than 3 scans");
  EXPECT_REFUSAL(refused(progressive, {100, 100}), "a.jpg: 48 x 32 pixels; at most 100 ");
}

}  // namespace
}  // namespace hikaku
