// The trainer on a few generated scenes with a tiny network.
#include "train/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "base/signals.h"
#include "cpu/backend.h"
#include "data/synth.h"

namespace hikaku {
namespace {

constexpr std::int64_t scenes = 7, val_scenes = 3, batch_size = 3;

class TrainerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    // A tuning file of its own: what other programs find out at the same time changes nothing here.
    setenv("XDG_CACHE_HOME", folder().c_str(), 1);
    std::filesystem::remove_all(folder());  // of a process that had the same number
    write_synth(folder(), {.train = scenes, .val = val_scenes, .threads = 2});
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder()); }
  static std::filesystem::path folder() {
    return std::filesystem::path(testing::TempDir()) /
           ("hikaku_trainer_test_" + std::to_string(getpid()));
  }
  static TrainerOptions options(int workers = 2, std::uint64_t seed = 1) {
    TrainerOptions options;
    options.batch_size = batch_size;
    options.size = 32;
    options.workers = workers;
    options.seed = seed;
    return options;
  }

  TrainVal data = open_dataset(folder());
};

/// A model and its trainer, from the start.
struct Training {
  Training(const TrainVal& data, const TrainerOptions& options)
      : trainer(prepared(options), data, options) {}
  Model& prepared(const TrainerOptions& options) {
    model.initialise(options.seed);
    return model;
  }
  /// One for all: another might choose other algorithms by its own timing, and round otherwise.
  static Backend& backend() {
    static const std::unique_ptr<Backend> cpu = make_cpu_backend();
    return *cpu;
  }
  UNetConfig config{3, 22, 16, 3};
  Model model{config, backend(), true};
  Trainer trainer;
};

/// What two epochs leave behind: all losses, then all weights and statistics.
std::vector<float> outcome(const TrainVal& data, const TrainerOptions& options) {
  Training run(data, options);
  std::vector<float> result;
  for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
    for (const double loss : run.trainer.train_epoch(epoch).losses) {
      result.push_back(static_cast<float>(loss));
    }
  }
  for (const double loss : run.trainer.evaluate().losses) {
    result.push_back(static_cast<float>(loss));
  }
  for (const auto& [name, tensor] : run.model.to_host()) {
    result.insert(result.end(), tensor.values.begin(), tensor.values.end());
  }
  return result;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

TEST_F(TrainerTest, ASeedGivesTheSameBitsWithAnyNumberOfWorkers) {
  const std::vector<float> first = outcome(data, options());
  EXPECT_TRUE(same_bits(first, outcome(data, options())));
  EXPECT_TRUE(same_bits(first, outcome(data, options(1))));
  EXPECT_TRUE(same_bits(first, outcome(data, options(4))));
  EXPECT_FALSE(same_bits(first, outcome(data, options(2, 2))));
}

TEST_F(TrainerTest, TheLastShortBatchIsTrainedAndCounted) {
  Training run(data, options());
  EXPECT_EQ(run.trainer.train_steps(), 3);
  const PhaseStats stats = run.trainer.train_epoch(0);
  EXPECT_EQ(stats.step_images, (std::vector<std::int64_t>{3, 3, 1}));
  EXPECT_EQ(stats.images, scenes);
  EXPECT_EQ(stats.losses.size(), 3U);
  EXPECT_EQ(stats.step_seconds.size(), 3U);
  EXPECT_DOUBLE_EQ(stats.mean_loss(), (stats.losses[0] + stats.losses[1] + stats.losses[2]) / 3);
  EXPECT_GE(stats.seconds, stats.wait_seconds);
  EXPECT_GT(stats.picture_seconds, 0);
  EXPECT_LE(stats.picture_seconds * scenes, stats.seconds);  // the workers work side by side
  EXPECT_FALSE(stats.stopped);
  EXPECT_EQ(run.model.steps(), 3);
}

TEST_F(TrainerTest, ABatchLargerThanTheListIsTheList) {
  TrainerOptions large = options();
  large.batch_size = 1'000'000'000;  // takes no memory for pictures that are not there
  Training run(data, large);
  EXPECT_EQ(run.trainer.train_epoch(0).step_images, (std::vector<std::int64_t>{scenes}));
  EXPECT_EQ(run.trainer.evaluate().step_images, (std::vector<std::int64_t>{val_scenes}));
}

TEST_F(TrainerTest, TheObserverSeesEachStepAndMaxStepsEndsTheEpoch) {
  Training run(data, options());
  std::vector<std::int64_t> steps, images;
  const PhaseStats stats = run.trainer.train_epoch(
      0,
      [&](const PhaseProgress& progress) {
        steps.push_back(progress.step);
        images.push_back(progress.images);
        EXPECT_EQ(progress.steps, 2);
        EXPECT_TRUE(std::isfinite(progress.loss));
      },
      2);
  EXPECT_EQ(steps, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(images, (std::vector<std::int64_t>{3, 6}));
  EXPECT_FALSE(stats.stopped);
}

TEST_F(TrainerTest, LearnsAndLosesLess) {
  Training run(data, options());
  const double first = run.trainer.train_epoch(0).mean_loss();
  double last = first;
  for (std::uint64_t epoch = 1; epoch < 8; ++epoch) {
    last = run.trainer.train_epoch(epoch).mean_loss();
  }
  EXPECT_LT(last, 0.9 * first);
}

TEST_F(TrainerTest, EvaluationLeavesTheModelAloneAndRepeats) {
  Training run(data, options());
  run.trainer.train_epoch(0);
  const auto before = run.model.to_host();
  const EvalStats a = run.trainer.evaluate(), b = run.trainer.evaluate();
  EXPECT_EQ(a.losses, b.losses);
  EXPECT_EQ(a.pixel_accuracy, b.pixel_accuracy);
  EXPECT_EQ(a.images, val_scenes);
  EXPECT_GT(a.background_pixel_accuracy, 0.3);
  EXPECT_LT(a.background_mean_iou, 0.5);
  EXPECT_EQ(a.iou_by_class.size(), 22U);
  for (const auto& [name, tensor] : run.model.to_host()) {
    EXPECT_TRUE(same_bits(tensor.values, before.at(name).values)) << name;
  }
}

TEST_F(TrainerTest, VoidTakesNoPartWhereItIsIgnored) {
  TrainerOptions ignoring = options();
  ignoring.loss.ignore = 255;
  Training run(data, ignoring);
  const std::vector<double> found = run.trainer.evaluate().losses;

  Loader loader(data.val, {.batch_size = batch_size, .height = 32, .width = 32, .shuffle = false});
  EvalPlan plan(run.model, {batch_size, 32, 32}, ignoring.loss);
  plan.load_weights();
  loader.start(0);
  const Batch* batch = loader.next();
  const std::span void_labels(batch->void_labels, batch_size * 32 * 32);
  ASSERT_GT(std::count(void_labels.begin(), void_labels.end(), 255), 0);
  EXPECT_EQ(found.at(0), plan.evaluate(batch->images, batch->void_labels).total);
  EXPECT_NE(found.at(0), plan.evaluate(batch->images, batch->labels).total);
}

TEST_F(TrainerTest, BatchesOfAStepCountByTheirPictures) {
  // 7 pictures in batches of 3, 3 and 1, all in one step.
  TrainerOptions together = options();
  together.accumulate = 4;
  Training run(data, together);
  const auto before = run.model.to_host();

  Model model(run.config, Training::backend(), true);
  model.from_host(before);
  Loader loader(data.train, {.batch_size = batch_size, .height = 32, .width = 32, .seed = 1});
  std::map<std::string, std::vector<double>> mean;
  loader.start(0);
  while (const Batch* batch = loader.next()) {
    TrainPlan plan(model, {batch->count, 32, 32}, together.loss);
    plan.forward_backward(batch->images, batch->labels);
    for (const auto& [name, gradient] : model.gradients_to_host()) {
      auto& sum = mean[name];
      sum.resize(gradient.values.size());
      for (std::size_t i = 0; i < sum.size(); ++i) {
        sum[i] +=
            static_cast<double>(gradient.values[i] * static_cast<float>(batch->count)) / scenes;
      }
    }
  }

  EXPECT_EQ(run.trainer.train_epoch(0).losses.size(), 3U);
  EXPECT_EQ(run.model.steps(), 1);
  // The first moment of the first step is (1 - beta1) times the gradient.
  const auto moments = run.model.moments_to_host();
  for (const auto& [name, gradient] : mean) {
    const auto& found = moments.at("first." + name).values;
    double distance = 0, size = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const double expected = 0.1 * gradient[i];
      distance +=
          (static_cast<double>(found[i]) - expected) * (static_cast<double>(found[i]) - expected);
      size += expected * expected;
    }
    EXPECT_LE(std::sqrt(distance), 1e-4 * std::sqrt(size)) << name;
  }
}

TEST_F(TrainerTest, AStepHasTheLearningRateOfItsSchedule) {
  TrainerOptions scheduled = options();
  scheduled.schedule = {ScheduleKind::cosine, 1, 3};
  Training run(data, scheduled);
  EXPECT_DOUBLE_EQ(run.trainer.learning_rate(0, 0), 0.001 / 3);
  EXPECT_DOUBLE_EQ(run.trainer.learning_rate(1, 0), 0.001);
  EXPECT_NEAR(run.trainer.learning_rate(2, 0), 0.0005, 1e-12);
  scheduled.adam.learning_rate = 0;
  Training idle(data, scheduled);
  const auto before = idle.model.to_host();
  idle.trainer.train_epoch(0);
  EXPECT_TRUE(
      same_bits(before.at("head.weight").values, idle.model.to_host().at("head.weight").values));
}

TEST_F(TrainerTest, ARequestToStopEndsTheEpochBetweenSteps) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  // In a process of its own: a request to stop cannot be taken back.
  EXPECT_EXIT(
      {
        install_signal_handlers();
        Training run(data, options());
        const PhaseStats stats =
            run.trainer.train_epoch(0, [](const PhaseProgress&) { (void)std::raise(SIGINT); });
        const bool right = stats.stopped && stats.losses.size() == 1 && run.model.steps() == 1;
        TearDownTestSuite();  // it has a folder of its own
        std::exit(right ? 42 : 1);
      },
      testing::ExitedWithCode(42), "");
}

TEST_F(TrainerTest, ProfilesFullBatchesButTheFirst) {
  Training run(data, options());  // 7 pictures in batches of 3: two are full
  const StepProfile profile = run.trainer.profile(0, 5, 60);
  ASSERT_EQ(profile.steps.size(), 1U);
  EXPECT_EQ(profile.wait_seconds.size(), 1U);
  EXPECT_EQ(profile.copy_seconds.size(), 1U);
  EXPECT_GT(profile.copy_seconds[0], 0);
  EXPECT_GT(profile.decode_seconds, 0);
  EXPECT_EQ(run.model.steps(), 2);
}

TEST_F(TrainerTest, WithACacheTheFilesAreReadOnce) {
  namespace fs = std::filesystem;
  const fs::path copy = folder() / "copy";
  fs::create_directories(copy);
  for (const char* part : {"JPEGImages", "SegmentationClass", "listfile"}) {
    fs::copy(folder() / part, copy / part, fs::copy_options::recursive);
  }
  TrainerOptions cached = options();
  cached.cache_bytes = CacheBudget::automatic;
  Training expected(data, options()), run(open_dataset(copy), cached);
  for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
    EXPECT_EQ(run.trainer.train_epoch(epoch).losses, expected.trainer.train_epoch(epoch).losses);
    EXPECT_EQ(run.trainer.evaluate().losses, expected.trainer.evaluate().losses);
    fs::remove_all(copy);
  }
}

TEST_F(TrainerTest, ProfilesTheFirstBatchWhereThereIsNoOther) {
  TrainerOptions one = options();
  one.batch_size = 7;
  Training run(data, one);
  EXPECT_EQ(run.trainer.profile(0, 5, 60).steps.size(), 1U);
  one.batch_size = 8;
  Training few(data, one);
  EXPECT_EQ(few.trainer.profile(0, 5, 60).steps.size(), 1U);
}

}  // namespace
}  // namespace hikaku
