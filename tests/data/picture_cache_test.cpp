// The loader with and without its cache: the same bytes, and no file is read twice.
#include "data/picture_cache.h"

#include <array>

#include "data/loader.h"
#include "data/transform.h"
#include "files.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

constexpr int items = 11, side = 16;

const std::array<Augmentation, 3> augmentations{Augmentation{},
                                                Augmentation{.flip = true, .colour = 0.3},
                                                Augmentation{true, 20, 1.5, 0.6, 0.3}};

std::shared_ptr<CacheBudget> budget(std::int64_t bytes) {
  return std::make_shared<CacheBudget>(bytes);
}

class PictureCacheTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  PictureCacheTest() { make_voc(folder_.path(), items, 1); }

  [[nodiscard]] Dataset data() const { return open_dataset(folder_.path()).train; }
  void remove_files() const {
    for (const char* files : {"JPEGImages", "SegmentationClass"}) {
      fs::remove_all(folder_.path() / files);
    }
  }
  [[nodiscard]] static LoaderOptions options(std::shared_ptr<CacheBudget> cache) {
    return {.batch_size = 4,
            .height = side,
            .width = side,
            .workers = 3,
            .seed = 7,
            .augment = augmentations.at(GetParam()),
            .cache = std::move(cache)};
  }
  /// Of all that the network gets in an epoch.
  static std::uint64_t epoch(Loader& loader, std::uint64_t number) {
    std::uint64_t hash = fnv1a({});
    loader.start(number);
    while (const Batch* batch = loader.next()) {
      const auto pixels = static_cast<std::size_t>(batch->count) * side * side;
      const auto* images = reinterpret_cast<const std::uint8_t*>(batch->images);
      hash = fnv1a({images, pixels * 3 * sizeof(float)}, hash);
      hash = fnv1a({batch->labels, pixels}, hash);
      hash = fnv1a({batch->void_labels, pixels}, hash);
    }
    return hash;
  }

  TempFolder folder_;
};

TEST_P(PictureCacheTest, GivesTheBytesOfTheFilesWhenTheyAreGone) {
  Loader without(data(), options(nullptr)), with(data(), options(budget(10 << 20)));
  std::vector<std::uint64_t> expected, found;
  for (std::uint64_t number = 0; number < 4; ++number) expected.push_back(epoch(without, number));
  found.push_back(epoch(with, 0));
  remove_files();
  for (std::uint64_t number = 1; number < 4; ++number) found.push_back(epoch(with, number));
  EXPECT_EQ(found, expected);
}

TEST_P(PictureCacheTest, HoldsNoMoreThanItMay) {
  const bool stored = augmentations.at(GetParam()).moves();  // and not resized
  const std::int64_t largest = stored ? 4 * 70 * 50 : 4 * side * side, limit = 5 * largest;
  const auto some = budget(limit), none = budget(0);
  Loader without(data(), options(nullptr)), with(data(), options(some));
  Loader small(data(), options(none));
  for (std::uint64_t number = 0; number < 3; ++number) {
    const std::uint64_t expected = epoch(without, number);
    EXPECT_EQ(epoch(with, number), expected);
    EXPECT_EQ(epoch(small, number), expected);
  }
  EXPECT_LE(some->held(), limit);
  EXPECT_GT(some->held(), limit - largest);
  EXPECT_EQ(none->held(), 0);
  remove_files();
  EXPECT_THROW(epoch(with, 3), BadData);  // those that found no room
}

INSTANTIATE_TEST_SUITE_P(Augmentations, PictureCacheTest,
                         testing::Range<std::size_t>(0, augmentations.size()));

TEST(PictureCache, APictureThatIsSmallerThanTheTargetIsKeptAsItIs) {
  const Pair pair{ramp(8, 6), disc(8, 6, 3), {}};
  const auto limit = budget(1 << 20);
  PictureCache cache(1, limit);
  cache.keep(0, pair, true, 32, 32);
  ASSERT_NE(cache.find(0), nullptr);
  EXPECT_EQ(cache.find(0)->picture.rgb, pair.picture.rgb);
  EXPECT_EQ(limit->held(), 8 * 6 * 4);
}

TEST(PictureCache, AutomaticHasRoomAndWithoutABudgetThereIsNone) {
  EXPECT_TRUE(CacheBudget(CacheBudget::automatic).take(1 << 10));
  EXPECT_FALSE(CacheBudget(CacheBudget::automatic).take(std::int64_t{1} << 50));
  PictureCache none(1, nullptr);
  none.keep(0, {ramp(8, 6), disc(8, 6, 3), {}}, true, 4, 4);
  EXPECT_EQ(none.find(0), nullptr);
}

TEST(PictureCache, WhatWasResizedOnceIsResizedToItself) {
  for (const int width : {37, 300, 500, 511}) {
    const Picture picture = ramp(width, width - 20);
    std::vector<float> once(std::size_t{3} * 24 * 40), twice(once.size());
    transform_picture(picture, 24, 40, once.data());
    transform_picture(resize_picture(picture, 24, 40), 24, 40, twice.data());
    EXPECT_EQ(once, twice) << width;
  }
}

}  // namespace
}  // namespace hikaku
