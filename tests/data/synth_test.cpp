#include "data/synth.h"

#include <algorithm>
#include <array>

#include "data/check.h"
#include "data/file.h"
#include "data/voc_palette.h"
#include "files.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

TEST(Scene, PixelsAndMasksArePinned) {
  std::uint64_t pixels = fnv1a({}), masks = pixels;
  for (std::uint32_t number = 1; number <= 12; ++number) {
    const Scene scene = generate_scene(1, number);
    pixels = fnv1a(scene.picture.rgb, pixels);
    masks = fnv1a(scene.mask.index, masks);
  }
  EXPECT_EQ(pixels, 16476308766532959853u);
  EXPECT_EQ(masks, 4272275456271530751u);
  EXPECT_NE(generate_scene(1, 1).picture.rgb, generate_scene(2, 1).picture.rgb);
}

TEST(Scene, LooksLikeVoc) {
  std::array<std::int64_t, 256> labels{};
  std::int64_t pixels = 0;
  for (std::uint32_t number = 1; number <= 100; ++number) {
    const Scene scene = generate_scene(1, number);
    ASSERT_EQ(scene.picture.width, scene.mask.width);
    ASSERT_EQ(scene.picture.rgb.size(), 3 * scene.mask.index.size());
    const auto [shorter, longer] = std::minmax(scene.mask.width, scene.mask.height);
    EXPECT_TRUE(shorter >= 333 && longer <= 500);
    for (const std::uint8_t label : scene.mask.index) ++labels[label];
    pixels += static_cast<std::int64_t>(scene.mask.index.size());
  }
  int classes = 0;
  for (int label = 1; label < class_count; ++label) {
    classes += labels[static_cast<std::size_t>(label)] > 0 ? 1 : 0;
  }
  EXPECT_EQ(classes, 12);
  EXPECT_EQ(labels[21], 0);
  const double background =
      static_cast<double>(labels[0]) / static_cast<double>(pixels - labels[void_label]);
  EXPECT_GT(background, 0.65);
  EXPECT_LT(background, 0.75);
}

TEST(Scene, EveryObjectHasAVoidBorder) {
  const Mask mask = generate_scene(1, 7).mask;
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 1; x < mask.width; ++x) {
      const std::uint8_t* const at = mask.index.data() + std::ptrdiff_t{y} * mask.width + x;
      const int left = at[-1], right = at[0];
      EXPECT_TRUE(left == right || left == void_label || right == void_label) << x << ',' << y;
    }
  }
}

TEST(Synth, WritesAGoodDataSet) {
  const TempFolder folder;
  const fs::path root = folder.path() / "new" / "data";
  write_synth(root, {.train = 3, .val = 2});
  const CheckReport report = check_dataset(open_dataset(root), 2);
  EXPECT_EQ(report.pairs, 5);
  EXPECT_TRUE(report.findings.empty() && report.notes.empty());
  EXPECT_EQ(open_dataset(root).val.id(0), "scene_000004");
}

TEST(Synth, AnInterruptedRunIsNoDataSetAndCanBeRepeated) {
  const TempFolder folder;
  const SynthOptions options{.train = 2, .val = 1};
  write_synth(folder.path(), options);
  // A scene that cannot be written stops the second run; the lists of the first must be gone.
  const fs::path blocked = folder.path() / "JPEGImages" / "scene_000002.jpg";
  fs::remove(blocked);
  fs::create_directory(blocked);
  EXPECT_THROW(write_synth(folder.path(), options), Error);
  EXPECT_REFUSAL(refusal([&] { (void)open_dataset(folder.path()); }),
                 folder.path().string() + ": no lists");
  fs::remove(blocked);
  write_synth(folder.path(), options);
  EXPECT_EQ(open_dataset(folder.path()).train.size(), 2u);
}

TEST(Synth, OtherPeoplesFilesAreNotTouched) {
  const TempFolder folder;
  write_text(folder.path() / "thesis.txt", "x");
  try {
    write_synth(folder.path(), {.train = 1, .val = 1});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    EXPECT_REFUSAL(std::string(error.what()),
                   folder.path().string() + ": is not a folder of generated scenes");
  }
  EXPECT_FALSE(fs::exists(folder.path() / "JPEGImages"));
  EXPECT_THROW(write_synth(folder.path() / "thesis.txt", {}), Error);
  EXPECT_THROW(write_synth(folder.path() / "thesis.txt" / "below", {}), Error);
}

}  // namespace
}  // namespace hikaku
