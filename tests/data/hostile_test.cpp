// Replays public collections of broken and odd files: HIKAKU_HOSTILE/{jpeg,png}/*.
#include <chrono>

#include "data/file.h"
#include "data/jpeg.h"
#include "data/png.h"
#include "files.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

class Hostile : public ::testing::Test {
 protected:
  void SetUp() override {
    if (root_.empty()) GTEST_SKIP() << "HIKAKU_HOSTILE names no folder of broken files";
  }
  [[nodiscard]] std::vector<fs::path> files(const char* kind, const std::string& part = "") const {
    std::vector<fs::path> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(root_ / kind)) {
      const bool wanted = entry.path().filename().string().find(part) != std::string::npos;
      if (wanted) found.push_back(entry.path());
    }
    EXPECT_FALSE(found.empty()) << kind << ' ' << part;
    return found;
  }
  const fs::path root_ = folder_in("HIKAKU_HOSTILE");
};

Mask mask_of(const fs::path& path) { return decode_mask(read_file(path), path.string()); }
Picture picture_of(const fs::path& path) { return decode_jpeg(read_file(path), path.string()); }

/// Decodes; true if accepted. A refusal must name the file.
template <class Decode>
bool accepted(const fs::path& path, const Decode& decode) {
  const auto begin = std::chrono::steady_clock::now();
  bool good = true;
  try {
    (void)decode(path);
  } catch (const BadData& error) {
    good = false;
    EXPECT_EQ(error.finding().file, path.string());
    EXPECT_REFUSAL(std::string(error.what()), path.string() + ": ");
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(took.count(), 2.0) << path;
  return good;
}

TEST_F(Hostile, EveryFileIsDecodedOrRefusedByName) {
  int good = 0, all = 0;
  for (const char* kind : {"jpeg", "png"}) {
    for (const fs::path& path : files(kind)) {
      all += 2;
      good += accepted(path, picture_of) ? 1 : 0;  // whatever the name says
      good += accepted(path, mask_of) ? 1 : 0;
    }
  }
  RecordProperty("accepted", good);
  EXPECT_GT(good, 0);
  EXPECT_LT(good, all);
}

TEST_F(Hostile, GoodVariantsAreAccepted) {
  for (const fs::path& path : files("jpeg", "8bit_")) {
    const bool tables = path.filename().string().find("tables") != std::string::npos;
    EXPECT_TRUE(tables || accepted(path, picture_of)) << path;
  }
}

TEST_F(Hostile, LosslessAnd12BitAreRefusedByName) {
  for (const fs::path& path : files("jpeg", "lossless_")) {
    EXPECT_REFUSAL(refusal([&] { (void)picture_of(path); }),
                   path.string() + ": a lossless or hierarchical JPEG");
  }
  for (const fs::path& path : files("jpeg", "12bit_")) {
    EXPECT_REFUSAL(refusal([&] { (void)picture_of(path); }), path.string() + ": a 12-bit JPEG");
  }
}

TEST_F(Hostile, InterlacedMasksEqualTheirPlainTwins) {
  for (const char* kind : {"0g01", "0g02", "0g04", "0g08", "3p01", "3p02", "3p04", "3p08"}) {
    const auto suite_mask = [&](const char* prefix) {
      return mask_of(root_ / "png" / fmt::format("imagepng_tests_pngsuite_{}{}.png", prefix, kind));
    };
    EXPECT_EQ(suite_mask("basn").index, suite_mask("basi").index);
  }
}

TEST_F(Hostile, BadPalettesAreRefused) {
  std::vector<fs::path> bad = files("png", "_badpal_");
  bad.push_back(root_ / "png" / "imagepng_tests_bugfixes_invalid_palette_index.png");
  for (const fs::path& path : bad) {
    EXPECT_NE(refusal([&] { (void)mask_of(path); }).find("the palette has only"), std::string::npos)
        << path;
  }
}

TEST_F(Hostile, CrashersAreRefused) {
  for (const fs::path& path : files("png", "_crashers_huge")) {
    EXPECT_FALSE(accepted(path, mask_of)) << path;
  }
}

}  // namespace
}  // namespace hikaku
