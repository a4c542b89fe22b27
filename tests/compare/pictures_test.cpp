#include "compare/pictures.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/encode.h"
#include "cpu/backend.h"
#include "data/synth.h"

namespace hikaku {
namespace {

TEST(Pictures, ShowsTheTruthAndAnAnswerForEach) {
  const std::filesystem::path folder = testing::TempDir() + "pictures_test";
  std::filesystem::remove_all(folder);
  write_synth(folder, {.train = 2, .val = 3});
  const TrainVal data = open_dataset(folder);
  const auto cpu = make_cpu_backend();
  Model model(UNetConfig{.width = 8}, *cpu, false);
  model.initialise(0);
  const auto pictures = sample_pictures(model, data.val, 32, 2);
  ASSERT_EQ(pictures.size(), 2U);
  EXPECT_EQ(pictures[0].name, data.val.id(0));
  EXPECT_EQ(pictures[1].name, data.val.id(1));
  EXPECT_EQ(pictures[0].device, "cpu");
  const std::string png = base64("\x89PNG\r\n\x1a\n").substr(0, 10), jpeg = base64("\xff\xd8\xff");
  for (const PictureResult& picture : pictures) {
    EXPECT_TRUE(picture.truth_png.starts_with(png));
    EXPECT_TRUE(picture.prediction_png.starts_with(png));
    EXPECT_TRUE(picture.picture_jpeg.starts_with(jpeg));
    EXPECT_TRUE(picture.overlay_jpeg.starts_with(jpeg));
    EXPECT_FALSE(picture.truth_classes.empty());
    EXPECT_FALSE(picture.prediction_classes.empty());
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace hikaku
