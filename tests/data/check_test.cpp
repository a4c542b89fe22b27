#include "data/check.h"

#include <algorithm>

#include "data/file.h"
#include "data/jpeg.h"
#include "data/png.h"
#include "files.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

class Check : public ::testing::Test {
 protected:
  Check() { make_voc(root(), 4, 2); }

  [[nodiscard]] fs::path root() const { return folder_.path(); }
  [[nodiscard]] fs::path picture(int i) const {
    return root() / "JPEGImages" / fmt::format("pair_{:02}.jpg", i);
  }
  [[nodiscard]] fs::path mask(int i) const {
    return root() / "SegmentationClass" / fmt::format("pair_{:02}.png", i);
  }
  [[nodiscard]] CheckReport check(int threads = 2) const {
    return check_dataset(open_dataset(root()), threads);
  }
  /// The one finding.
  [[nodiscard]] std::string found() const {
    const CheckReport report = check();
    EXPECT_EQ(report.findings.size(), 1u);
    return report.findings.empty() ? "" : to_string(report.findings[0]);
  }

 private:
  TempFolder folder_;
};

TEST_F(Check, GoodDataAreCounted) {
  const CheckReport report = check();
  EXPECT_TRUE(report.findings.empty());
  EXPECT_TRUE(report.notes.empty());
  EXPECT_EQ(report.pairs, 6);
  std::int64_t pixels = 0;
  for (int i = 0; i < 6; ++i) pixels += std::int64_t{40 + 3 * i} * (30 + 2 * i);
  EXPECT_EQ(report.pixels, pixels);
  EXPECT_GT(report.label_pixels[6], 0);
  EXPECT_EQ(report.label_pixels[7], 0);
  std::int64_t void_pixels = 0;
  for (int i = 0; i < 6; ++i) {
    const Mask mask = disc(40 + 3 * i, 30 + 2 * i, 1);
    void_pixels += std::count(mask.index.begin(), mask.index.end(), 255);
  }
  EXPECT_EQ(report.label_pixels[255], void_pixels);
  EXPECT_EQ(report.void_share(), static_cast<double>(void_pixels) / static_cast<double>(pixels));
  EXPECT_EQ(report.background_share(), static_cast<double>(report.label_pixels[0]) /
                                           static_cast<double>(pixels - void_pixels));
  EXPECT_EQ(report.train_label_pictures[0], 4);
  EXPECT_EQ(report.val_label_pictures[0], 2);
  EXPECT_EQ(report.train_label_pictures[4], 1);
  EXPECT_EQ(report.val_label_pictures[4], 0);
  EXPECT_EQ(report.val_label_pictures[6], 1);
  EXPECT_NO_THROW(require_good(report));
}

TEST_F(Check, SizesMustAgree) {
  write_file(mask(1), encode_mask(disc(43, 31, 1)));
  EXPECT_EQ(found(), mask(1).string() +
                         ": the mask is 43 x 31, its picture 43 x 32; they must be "
                         "equal");
}

TEST_F(Check, ATurnedPictureIsNamed) {
  write_file(picture(1), with_orientation(encode_jpeg(ramp(43, 32)), 6));
  ASSERT_EQ(check().findings.size(), 0u);
  ASSERT_EQ(check().notes.size(), 1u);
  EXPECT_EQ(
      to_string(check().notes[0]),
      picture(1).string() + ": EXIF orientation 6 is ignored: the mask follows the stored pixels");
  write_file(mask(1), encode_mask(disc(32, 43, 1)));
  EXPECT_EQ(found(), mask(1).string() +
                         ": the mask is 32 x 43, its picture 43 x 32 (equal only "
                         "after EXIF orientation 6); they must be equal");
}

TEST_F(Check, LabelsMustBeKnown) {
  Mask odd = disc(40, 30, 5);
  odd.index[2 * 40 + 7] = 37;
  write_file(mask(0), encode_mask(odd));
  EXPECT_EQ(found(), mask(0).string() + ": label 37 at x 7, y 2; 0..21 and 255 (void) are allowed");
  odd.index[2 * 40 + 7] = 21;
  write_file(mask(0), encode_mask(odd));
  EXPECT_TRUE(check().findings.empty());
}

TEST_F(Check, AllOffendersAreListedInOrderWhateverTheThreads) {
  fs::remove(mask(5));
  fs::remove(picture(0));
  write_file(mask(0), Bytes{1, 2, 3});  // both files of a pair are named
  Bytes cut = encode_jpeg(ramp(46, 34));
  cut.resize(cut.size() / 2);
  write_file(picture(2), cut);
  for (const int threads : {1, 2, 5}) {
    const CheckReport report = check(threads);
    ASSERT_EQ(report.findings.size(), 4u);
    EXPECT_EQ(report.findings[0].file, picture(0).string());
    EXPECT_EQ(report.findings[1].file, mask(0).string());
    EXPECT_EQ(report.findings[2].file, picture(2).string());
    EXPECT_EQ(report.findings[3].file, mask(5).string());
  }
}

TEST_F(Check, ListWarningsAreNotes) {
  write_text(root() / "listfile" / "val_list_100.txt", "pair_04\npair_00\n");
  const CheckReport report = check();
  ASSERT_EQ(report.notes.size(), 1u);
  EXPECT_EQ(report.notes[0].line, 2);
  EXPECT_TRUE(report.findings.empty());
}

TEST(RequireGood, ShowsTwentyAndTheNumber) {
  CheckReport report;
  for (int i = 0; i < 23; ++i) report.findings.push_back({fmt::format("f{}", i), 0, "bad", "fix"});
  try {
    require_good(report);
    FAIL();
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_EQ(error.code(), ExitCode::bad_data);
    EXPECT_REFUSAL(text, "23 bad files; every file must be good:\n  f0: bad\n  f1: bad");
    EXPECT_NE(text.find("f19: bad\n  ... and 3 more"), std::string::npos);
    EXPECT_EQ(text.find("f20"), std::string::npos);
  }
}

TEST(VocSample, IsAsKnown) {
  const fs::path root = folder_in("HIKAKU_DATA");
  if (root.empty()) GTEST_SKIP() << "HIKAKU_DATA does not name the VOC sample";
  const CheckReport report = check_dataset(open_dataset(root), 2);
  EXPECT_EQ(report.pairs, 400);
  EXPECT_TRUE(report.findings.empty());
  EXPECT_TRUE(report.notes.empty());
  for (int label = 0; label < 256; ++label) {
    const bool there = (label <= 20 && label != 1 && label != 19) || label == 255;
    EXPECT_EQ(report.label_pixels[static_cast<std::size_t>(label)] > 0, there) << label;
  }
  EXPECT_NEAR(report.void_share(), 0.0607, 0.00005);
}

TEST(VocSample, EveryCutIsRefused) {
  const fs::path root = folder_in("HIKAKU_DATA");
  if (root.empty()) GTEST_SKIP() << "HIKAKU_DATA does not name the VOC sample";
  const Dataset data = open_dataset(root).val;
  for (std::size_t i = 0; i < 20; ++i) {
    const Bytes jpeg = read_file(data.picture_path(i)), png = read_file(data.mask_path(i));
    for (std::size_t cut = 0; cut < 50; ++cut) {
      const std::span<const std::uint8_t> short_jpeg(jpeg.data(), jpeg.size() * cut / 50);
      const std::span<const std::uint8_t> short_png(png.data(), png.size() * cut / 50);
      EXPECT_REFUSAL(refusal([&] { (void)decode_jpeg(short_jpeg, "a"); }), "a: ");
      EXPECT_REFUSAL(refusal([&] { (void)decode_mask(short_png, "a"); }), "a: ");
    }
    for (const std::size_t cut : {1, 2, 3, 10}) {
      EXPECT_REFUSAL(refusal([&] {
                       (void)decode_jpeg({jpeg.data(), jpeg.size() - cut}, "a");
                     }),
                     "a: ");
    }
  }
}

}  // namespace
}  // namespace hikaku
