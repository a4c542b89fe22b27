#include "data/png.h"

#include "data/voc_palette.h"
#include "files.h"

namespace hikaku {
namespace {

std::string refused(const Bytes& bytes, const DecodeLimits& limits = {}) {
  return refusal([&] { (void)decode_mask(bytes, "m.png", {}, limits); });
}

TEST(Png, MasksComeBack) {
  const Mask mask = disc(37, 23, 15);
  const Mask decoded = decode_mask(encode_mask(mask), "m.png");
  EXPECT_EQ(decoded.width, 37);
  EXPECT_EQ(decoded.height, 23);
  EXPECT_EQ(decoded.index, mask.index);
  EXPECT_TRUE(decoded.notes.empty());
}

TEST(Png, IndicesAreTakenAtEveryDepth) {
  const std::vector<std::uint8_t> wide{0, 1, 14, 255, 7, 0, 0, 20};
  for (const int colour_type : {0, 3}) {
    const Bytes rows8{0, 0, 1, 14, 255, 0, 7, 0, 0, 20};
    EXPECT_EQ(decode_mask(make_png({4, 2, 8, colour_type}, rows8), "m.png").index, wide);
    const Bytes rows4{0, 0x01, 0xe3, 0, 0x7f, 0x04};
    EXPECT_EQ(decode_mask(make_png({4, 2, 4, colour_type, 16}, rows4), "m.png").index,
              (Bytes{0, 1, 14, 3, 7, 15, 0, 4}));
    const Bytes rows2{0, 0b00011011, 0, 0b11000000};
    EXPECT_EQ(decode_mask(make_png({4, 2, 2, colour_type, 4}, rows2), "m.png").index,
              (Bytes{0, 1, 2, 3, 3, 0, 0, 0}));
    const Bytes rows1{0, 0b01100000, 0, 0b10010000};
    EXPECT_EQ(decode_mask(make_png({4, 2, 1, colour_type, 2}, rows1), "m.png").index,
              (Bytes{0, 1, 1, 0, 1, 0, 0, 1}));
  }
}

TEST(Png, VocColoursBecomeIndicesWithANote) {
  Bytes rows{0};
  for (const int index : {0, 15, 255, 20}) {
    const Colour colour = voc_colour(static_cast<std::uint8_t>(index));
    rows.insert(rows.end(), colour.begin(), colour.end());
  }
  const Mask mask = decode_mask(make_png({4, 1, 8, 2}, rows), "m.png");
  EXPECT_EQ(mask.index, (Bytes{0, 15, 255, 20}));
  ASSERT_EQ(mask.notes.size(), 1u);
  rows[5] = 77;
  EXPECT_REFUSAL(refused(make_png({4, 1, 8, 2}, rows)),
                 "m.png: the mask is RGB, and its colour 192,77,128 at x 1, y 0 is not in the VOC "
                 "colour map; a palette PNG is needed | store the mask as a palette PNG");
}

TEST(Png, OtherKindsAreRefusedByName) {
  const std::string allowed = "; palette or grey of at most 8 bits is allowed | ";
  EXPECT_REFUSAL(refused(make_png({1, 1, 16, 0}, {0, 0, 0})),
                 "m.png: the mask is grey of 16 bits" + allowed);
  EXPECT_REFUSAL(refused(make_png({1, 1, 8, 6}, {0, 0, 0, 0, 0})),
                 "m.png: the mask is RGBA of 8 bits" + allowed);
  EXPECT_REFUSAL(refused(make_png({1, 1, 8, 4}, {0, 0, 0})),
                 "m.png: the mask is grey with alpha of 8 bits" + allowed);
  EXPECT_REFUSAL(refused(make_png({1, 1, 16, 2}, Bytes(7))),
                 "m.png: the mask is RGB of 16 bits" + allowed);
  EXPECT_REFUSAL(refused(make_png({1, 1, 8, 9}, {0, 0})),
                 "m.png: the mask is unknown of 8 bits" + allowed);
  EXPECT_REFUSAL(refused({0xff, 0xd8, 0xff}), "m.png: not a PNG; ");
  EXPECT_REFUSAL(refused({}), "m.png: not a PNG; ");
}

TEST(Png, IndexBehindThePaletteIsRefusedWithItsPlace) {
  for (const auto& [bits, row] :
       {std::pair{8, Bytes{0, 1, 0, 2, 3}}, {4, Bytes{0, 0x10, 0x23}}, {2, Bytes{0, 0b01001011}}}) {
    EXPECT_REFUSAL(refused(make_png({4, 1, bits, 3, 3}, row)),
                   "m.png: index 3 at x 3, y 0; the palette has only 3 entries | ");
  }
}

TEST(Png, EveryTruncationAndEveryFlippedBitIsRefused) {
  const Bytes good = encode_mask(disc(9, 7, 3));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_REFUSAL(refused(Bytes(good.begin(), good.begin() + static_cast<long>(size))), "m.png: ");
  }
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    Bytes bytes = good;
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1u << bit % 8);
    EXPECT_REFUSAL(refused(bytes), "m.png: ");
  }
}

TEST(Png, AChunkThatLiesAboutItsLengthNeverReachesLibpng) {
  Bytes bytes = make_png({1, 1}, {0, 0});
  bytes.resize(33);  // signature and header
  const Bytes huge_text{0x3f, 0xff, 0xff, 0xff, 'i', 'T', 'X', 't', 0, 0, 0, 0};
  bytes.insert(bytes.end(), huge_text.begin(), huge_text.end());
  EXPECT_REFUSAL(refused(bytes), "m.png: the PNG ends early: the chunk at byte 33 is not whole");
}

TEST(Png, TextIsSkippedAndBytesBehindTheEndAreNoted) {
  Bytes bytes = make_png({1, 1}, {0, 5});
  const Bytes text = png_chunk("tEXt", Bytes(100000, 'x'));
  bytes.insert(bytes.begin() + 33, text.begin(), text.end());
  EXPECT_TRUE(decode_mask(bytes, "m.png").notes.empty());
  bytes.push_back(1);
  const Mask mask = decode_mask(bytes, "m.png");
  EXPECT_EQ(mask.index, Bytes{5});
  EXPECT_EQ(mask.notes, std::vector<std::string>{"1 bytes behind the PNG are ignored"});
}

TEST(Png, SizeLimitIsKept) {
  const std::string rule = " pixels; 1 to 65535 on a side and at most 67108864 are allowed | ";
  EXPECT_REFUSAL(refused(make_png({20000, 20000}, {0})), "m.png: 20000 x 20000" + rule);
  EXPECT_REFUSAL(refused(make_png({1, 100000}, {0})), "m.png: 1 x 100000" + rule);
  EXPECT_REFUSAL(refused(make_png({0xffffffff, 0xffffffff}, {0})), "m.png: 4294967295 x ");
  // Found by fuzzing: no pixels, but a table of 1.7 billion rows.
  EXPECT_REFUSAL(refused(make_png({0, 0x64000000}, {0})), "m.png: 0 x 1677721600" + rule);
}

TEST(VocPalette, FollowsTheBitRule) {
  EXPECT_EQ(voc_colour(0), (Colour{0, 0, 0}));
  EXPECT_EQ(voc_colour(1), (Colour{128, 0, 0}));
  EXPECT_EQ(voc_colour(15), (Colour{192, 128, 128}));
  EXPECT_EQ(voc_colour(20), (Colour{0, 64, 128}));
  EXPECT_EQ(voc_colour(255), (Colour{224, 224, 192}));
  for (int i = 0; i < 256; ++i) EXPECT_EQ(voc_index(voc_colour(static_cast<std::uint8_t>(i))), i);
  EXPECT_EQ(class_name(15), "person");
  EXPECT_EQ(class_name(21), "unlabelled");
  EXPECT_THROW((void)class_name(22), Error);
}

}  // namespace
}  // namespace hikaku
