#include "data/loader.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "data/file.h"
#include "data/transform.h"
#include "files.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

constexpr int items = 11;

class LoaderTest : public ::testing::Test {
 protected:
  LoaderTest() {
    make_voc(folder_.path(), items, 1);
    data_ = open_dataset(folder_.path()).train;
  }
  [[nodiscard]] static LoaderOptions options(int workers = 2) {
    return {.batch_size = 4, .height = 16, .width = 24, .workers = workers, .seed = 7};
  }
  [[nodiscard]] fs::path mask(std::size_t i) const { return data_.mask_path(i); }

  TempFolder folder_;
  Dataset data_;
};

struct Seen {
  std::vector<std::int64_t> counts;
  std::vector<std::uint32_t> order;
  std::uint64_t hash = fnv1a({});

  void add(const Batch& batch) {
    const auto pixels = static_cast<std::size_t>(batch.count) * 16 * 24;
    counts.push_back(batch.count);
    order.insert(order.end(), batch.items.begin(), batch.items.end());
    const auto* images = reinterpret_cast<const std::uint8_t*>(batch.images);
    hash = fnv1a({images, pixels * 3 * sizeof(float)}, hash);
    hash = fnv1a({batch.labels, pixels}, hash);
    hash = fnv1a({batch.void_labels, pixels}, hash);
  }
};

Seen read_epoch(Loader& loader, std::uint64_t epoch, std::int64_t first_batch = 0) {
  Seen seen;
  loader.start(epoch, first_batch);
  while (const Batch* batch = loader.next()) seen.add(*batch);
  return seen;
}

TEST_F(LoaderTest, SameBatchesForAnyNumberOfWorkers) {
  Loader one(data_, options(1));
  const Seen expected = read_epoch(one, 3);
  for (const int workers : {2, 4, 7}) {
    Loader loader(data_, options(workers));
    const Seen seen = read_epoch(loader, 3);
    EXPECT_EQ(seen.order, expected.order);
    EXPECT_EQ(seen.hash, expected.hash);
  }
}

TEST_F(LoaderTest, TheLastShortBatchIsKept) {
  Loader loader(data_, options());
  EXPECT_EQ(loader.batches(), 3);
  const Seen seen = read_epoch(loader, 0);
  EXPECT_EQ(seen.counts, (std::vector<std::int64_t>{4, 4, 3}));
  EXPECT_EQ(std::set<std::uint32_t>(seen.order.begin(), seen.order.end()).size(), 11u);
  EXPECT_EQ(loader.next(), nullptr);
}

TEST_F(LoaderTest, HoldsWhatTheFilesHold) {
  LoaderOptions plain = options();
  plain.shuffle = false;
  Loader loader(data_, plain);
  loader.start(0);
  std::size_t item = 0;
  while (const Batch* batch = loader.next()) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(batch->count); ++i, ++item) {
      ASSERT_EQ(batch->items[i], item);
      Pair pair;
      read_picture(data_, item, pair);
      read_mask(data_, item, pair);
      std::vector<float> image(std::size_t{3} * 16 * 24);
      Bytes labels(std::size_t{16} * 24), void_labels(labels.size());
      transform_picture(pair.picture, 16, 24, image.data());
      transform_mask(pair.mask, 16, 24, 0, labels.data());
      transform_mask(pair.mask, 16, 24, 255, void_labels.data());
      EXPECT_TRUE(std::equal(image.begin(), image.end(), batch->images + i * image.size()));
      EXPECT_TRUE(std::equal(labels.begin(), labels.end(), batch->labels + i * labels.size()));
      EXPECT_TRUE(std::equal(void_labels.begin(), void_labels.end(),
                             batch->void_labels + i * labels.size()));
    }
  }
  EXPECT_EQ(item, 11u);
}

TEST_F(LoaderTest, EpochsDifferAndComeBack) {
  Loader loader(data_, options());
  const Seen first = read_epoch(loader, 0), second = read_epoch(loader, 1);
  EXPECT_NE(first.order, second.order);
  EXPECT_EQ(read_epoch(loader, 0).hash, first.hash);
  const Seen rest = read_epoch(loader, 1, 1);  // as after a stop in the middle of the epoch
  EXPECT_EQ(rest.order, std::vector<std::uint32_t>(second.order.begin() + 4, second.order.end()));
}

TEST(EpochOrder, IsPinned) {
  EXPECT_EQ(epoch_order(8, 7, 0), (std::vector<std::uint32_t>{5, 4, 1, 7, 0, 2, 3, 6}));
  EXPECT_EQ(epoch_order(1, 0, 0), std::vector<std::uint32_t>{0});
}

TEST_F(LoaderTest, MemoryIsTakenOnce) {
  Loader loader(data_, options());
  std::set<const float*> places;
  for (std::uint64_t epoch = 0; epoch < 4; ++epoch) {
    loader.start(epoch);
    while (const Batch* batch = loader.next()) places.insert(batch->images);
  }
  EXPECT_LE(places.size(), 4u);  // two ahead and two in hand
}

TEST_F(LoaderTest, ABatchStaysUntilTheNextCallButOne) {
  LoaderOptions small = options(4);
  small.batch_size = 1;  // more batches than the memory holds
  Loader loader(data_, small);
  loader.start(0);
  const Batch* last = loader.next();
  for (int call = 0; call < 6; ++call) {
    Seen before, after;
    before.add(*last);
    const Batch* batch = loader.next();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the workers fill what they may
    after.add(*last);
    EXPECT_EQ(before.hash, after.hash);
    last = batch;
  }
}

TEST_F(LoaderTest, IsReadyOnceTheBatchIsThere) {
  Loader loader(data_, options());
  EXPECT_TRUE(loader.ready());  // next() would return null at once
  loader.start(0);
  while (!loader.ready()) std::this_thread::yield();
  const double waited = loader.wait_seconds();
  EXPECT_NE(loader.next(), nullptr);
  EXPECT_LT(loader.wait_seconds() - waited, 0.01);
}

TEST_F(LoaderTest, AnEpochCanBeLeftInTheMiddle) {
  Loader loader(data_, options(4));
  const std::uint64_t expected = read_epoch(loader, 1).hash;
  for (int round = 0; round < 30; ++round) {
    loader.start(0);
    for (int call = 0; call < round % 3; ++call) (void)loader.next();
    EXPECT_EQ(read_epoch(loader, 1).hash, expected);
  }
}

TEST_F(LoaderTest, AFailureComesWithTheFileInItsBatchOnly) {
  LoaderOptions plain = options(4);
  plain.shuffle = false;
  fs::remove(mask(5));
  write_file(mask(6), Bytes{1});
  Loader loader(data_, plain);
  for (int round = 0; round < 3; ++round) {
    loader.start(0);
    EXPECT_NE(loader.next(), nullptr);
    EXPECT_REFUSAL(refusal([&] { (void)loader.next(); }),
                   mask(5).string() + ": there is no such file");
    EXPECT_NE(loader.next(), nullptr);
    EXPECT_EQ(loader.next(), nullptr);
  }
}

TEST_F(LoaderTest, AfterAFailureItGoesOn) {
  LoaderOptions one = options();
  one.shuffle = false;
  one.batch_size = 1;
  fs::remove(mask(1));
  Loader loader(data_, one);
  loader.start(0);
  EXPECT_NE(loader.next(), nullptr);
  EXPECT_THROW((void)loader.next(), BadData);
  for (std::uint32_t item = 2; item < items; ++item) EXPECT_EQ(loader.next()->items[0], item);
}

TEST_F(LoaderTest, PairsAreCheckedAgain) {
  write_file(mask(0), Bytes(make_png({4, 2}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0})));
  Loader loader(data_, options());
  EXPECT_REFUSAL(refusal([&] { (void)read_epoch(loader, 0); }),
                 mask(0).string() + ": the mask is 4 x 2, its picture 40 x 30");
}

TEST_F(LoaderTest, CanBeDestroyedAtAnyMoment) {
  for (int calls = 0; calls <= 4; ++calls) {
    for (int repeat = 0; repeat < 10; ++repeat) {
      Loader loader(data_, options(4));
      if (repeat % 2 == 0) loader.start(0);
      for (int i = 0; i < calls; ++i) (void)loader.next();
      if (repeat % 3 == 0) loader.start(1);
    }
  }
}

TEST_F(LoaderTest, WaitingIsCounted) {
  Loader loader(data_, options(1));
  EXPECT_EQ(loader.wait_seconds(), 0);
  EXPECT_EQ(loader.next(), nullptr);  // before the first start
  read_epoch(loader, 0);
  EXPECT_GT(loader.wait_seconds(), 0);
}

TEST_F(LoaderTest, SenselessOptionsAreRefused) {
  for (const auto& change :
       {+[](LoaderOptions& o) { o.batch_size = 0; }, +[](LoaderOptions& o) { o.workers = 0; },
        +[](LoaderOptions& o) { o.ahead = 0; }}) {
    LoaderOptions bad = options();
    change(bad);
    EXPECT_THROW(Loader(data_, bad), Error);
  }
}

TEST_F(LoaderTest, AugmentationDependsOnSeedAndEpochAndNotOnTheWorkers) {
  const auto epoch = [&](int workers, std::uint64_t number, std::uint64_t seed) {
    LoaderOptions changed = options(workers);
    changed.seed = seed;
    changed.shuffle = false;
    changed.augment = {true, 20, 1.5, 0.6, 0.3};
    Loader loader(data_, changed);
    loader.start(number);
    std::vector<float> values;
    while (const Batch* batch = loader.next()) {
      values.insert(values.end(), batch->images, batch->images + batch->count * 3 * 16 * 24);
      values.insert(values.end(), batch->void_labels, batch->void_labels + batch->count * 16 * 24);
    }
    return values;
  };
  const std::vector<float> first = epoch(1, 0, 7);
  EXPECT_EQ(first, epoch(4, 0, 7));
  EXPECT_NE(first, epoch(1, 1, 7));
  EXPECT_NE(first, epoch(1, 0, 8));
}

}  // namespace
}  // namespace hikaku
