#include "data/manifest.h"

#include "base/sha256.h"
#include "data/file.h"
#include "files.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

class ManifestTest : public ::testing::Test {
 protected:
  ManifestTest() { make_voc(root(), 3, 2); }

  [[nodiscard]] fs::path root() const { return folder_.path(); }
  [[nodiscard]] TrainVal data() const { return open_dataset(root()); }
  [[nodiscard]] fs::path picture(int i) const {
    return root() / "JPEGImages" / fmt::format("pair_{:02}.jpg", i);
  }
  [[nodiscard]] std::vector<Finding> verify(const Manifest& manifest, int threads = 2) const {
    return verify_manifest(data(), manifest, "sums.txt", threads);
  }

 private:
  TempFolder folder_;
};

const std::string sum_a(64, 'a');

TEST_F(ManifestTest, HoldsEveryFileOnceAndComesBackFromItsText) {
  const Manifest manifest = make_manifest(data(), 2);
  EXPECT_EQ(manifest.size(), 12u);  // 5 pairs, 2 lists
  const Bytes list = read_file(root() / "listfile" / "val_list_100.txt");
  EXPECT_EQ(manifest.at("listfile/val_list_100.txt"),
            hex_of(sha256({reinterpret_cast<const char*>(list.data()), list.size()})));
  EXPECT_EQ(parse_manifest(to_text(manifest), "sums.txt"), manifest);
  EXPECT_TRUE(verify(manifest).empty());
}

TEST_F(ManifestTest, AllOffendersAreNamedInOneRun) {
  const Manifest manifest = make_manifest(data(), 2);
  Bytes changed = read_file(picture(1));
  changed.back() ^= 1;
  write_file(picture(1), changed);
  fs::remove(picture(4));
  write_text(root() / "listfile" / "train_list_300.txt", "pair_00\npair_01\nnew\n");
  fs::copy(picture(0), root() / "JPEGImages" / "new.jpg");
  fs::copy(root() / "SegmentationClass" / "pair_00.png", root() / "SegmentationClass" / "new.png");
  for (const int threads : {1, 3}) {
    const std::vector<Finding> found = verify(manifest, threads);
    ASSERT_EQ(found.size(), 5u);
    EXPECT_REFUSAL(to_string(found[0]),
                   (root() / "JPEGImages/new.jpg").string() + ": sums.txt does not know it");
    EXPECT_REFUSAL(to_string(found[1]), picture(1).string() + ": its SHA-256 is ");
    EXPECT_REFUSAL(to_string(found[2]), picture(4).string() + ": there is no such file");
    EXPECT_EQ(found[3].file, (root() / "SegmentationClass/new.png").string());
    EXPECT_EQ(found[4].file, (root() / "listfile/train_list_300.txt").string());
  }
}

TEST_F(ManifestTest, AFileThatNoListNamesIsVerifiedToo) {
  Manifest manifest = make_manifest(data(), 1);
  manifest["JPEGImages/extra.jpg"] = sum_a;
  ASSERT_EQ(verify(manifest).size(), 1u);
  EXPECT_EQ(verify(manifest)[0].file, (root() / "JPEGImages/extra.jpg").string());
}

TEST_F(ManifestTest, TheSamePictureUnderTwoNamesIsNoted) {
  EXPECT_TRUE(same_pictures(data(), make_manifest(data(), 1)).empty());
  fs::copy_file(picture(1), picture(4), fs::copy_options::overwrite_existing);
  const std::vector<Finding> notes = same_pictures(data(), make_manifest(data(), 1));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(to_string(notes[0]), picture(4).string() +
                                     ": the same picture as pair_01.jpg, byte for byte; it counts "
                                     "twice");
}

TEST(ParseManifest, AcceptsWhatSha256sumWrites) {
  const Manifest manifest =
      parse_manifest(sum_a + "  a b.jpg\r\n\n" + sum_a + " *lists/c.txt", "f");
  EXPECT_EQ(manifest, (Manifest{{"a b.jpg", sum_a}, {"lists/c.txt", sum_a}}));
}

TEST(ParseManifest, RefusesOtherLinesByTheirNumber) {
  for (const std::string& line :
       {sum_a, sum_a + "  ", sum_a + " a", "b" + sum_a + "  a", sum_a.substr(1) + "  a",
        sum_a + "  ../a", sum_a + "  /etc/passwd", sum_a + "  a/../../b", "\\" + sum_a + "  a",
        std::string(64, 'A') + "  a", std::string("hello")}) {
    EXPECT_REFUSAL(
        refusal([&] { (void)parse_manifest(fmt::format("{}  x\n{}\n", sum_a, line), "f"); }),
        "f:2: no line of a manifest; allowed are");
  }
  EXPECT_REFUSAL(refusal([] { (void)parse_manifest(sum_a + "  x\n" + sum_a + "  x\n", "f"); }),
                 "f:2: x is there twice");
}

}  // namespace
}  // namespace hikaku
