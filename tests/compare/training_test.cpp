// What is done behind a training, to take it apart and to count its energy, leaves no trace in it.
#include "compare/training.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "cpu/backend.h"
#include "data/synth.h"

namespace hikaku {
namespace {

/// A joule each time that it is asked.
class Asked final : public EnergyCounter {
 public:
  double joules() override { return asked_++; }
  [[nodiscard]] double interval_seconds() const override { return 60; }

 private:
  double asked_ = 0;
};

class TrainingTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    setenv("XDG_CACHE_HOME", folder().c_str(), 1);
    std::filesystem::remove_all(folder());  // of a process that had the same number
    write_synth(folder(), {.train = 6, .val = 2, .threads = 2});
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder()); }
  static std::filesystem::path folder() {
    return std::filesystem::path(testing::TempDir()) /
           ("hikaku_training_test_" + std::to_string(getpid()));
  }
  TrainingTest() {
    options.trainer.batch_size = 2;
    options.trainer.size = 32;
    options.trainer.workers = 2;
  }

  const std::unique_ptr<Backend> backend = make_cpu_backend();
  Model model{UNetConfig{3, 22, 16, 3}, *backend, true};
  TrainVal data = open_dataset(folder());
  TrainingOptions options;
};

void expect_same(const Weights& found, const Weights& wanted) {
  for (const auto& [name, tensor] : wanted) EXPECT_EQ(found.at(name).values, tensor.values) << name;
}

TEST_F(TrainingTest, ProfileAndEnergyComeBehindAndTheWeightsStay) {
  EnergyReport report{31, "JPY", 0.2, {}, {}};
  std::vector<OpenMeter> meters;
  meters.emplace_back().facts.device = "cpu";
  meters[0].counter = std::make_unique<Asked>();
  EnergyWatch energy(std::move(meters), report);
  options.profile_steps = 2;
  options.energy = &energy;
  TrainingWitness witness;
  const UnetResult result = run_training(model, data, options, {}, &witness);
  ASSERT_TRUE(result.train.profile.has_value());
  EXPECT_EQ(result.train.profile->steps, 2);
  EXPECT_EQ(result.train.profile->step_seconds.values.size(), 2U);
  EXPECT_EQ(result.train.profile->phase_seconds.size(), 7U);
  ASSERT_EQ(report.work.size(), 1U);
  EXPECT_EQ(report.work[0].what, "train");
  EXPECT_GE(report.work[0].seconds, 0.2);
  EXPECT_GT(report.work[0].works, 0);
  expect_same(model.to_host(), witness.trace.weights);
  EXPECT_GT(result.train.step_flops, result.train.step_bytes);
  EXPECT_GT(result.whole_seconds, result.train.seconds + result.eval.seconds);
  EXPECT_GT(result.peak_memory_bytes, 1e6);
}

TEST_F(TrainingTest, AnothersCheckpointIsEvaluatedButTheOwnWeightsStay) {
  model.initialise(99);
  TrainingTrace another;
  another.weights = model.to_host();
  TrainingWitness witness{.trace = {}, .baseline = &another};
  const UnetResult result = run_training(model, data, options, {}, &witness);
  EXPECT_FALSE(result.train.profile.has_value());
  EXPECT_NE(witness.trace.checkpoint_loss, result.eval.mean_loss);
  expect_same(model.to_host(), witness.trace.weights);
}

TEST_F(TrainingTest, EachStepIsDoneAgainFromTheBaselinesWeights) {
  TrainingWitness baseline{.trace = {}, .is_baseline = true};
  (void)run_training(model, data, options, {}, &baseline);
  ASSERT_FALSE(baseline.trace.starts.empty());
  ASSERT_EQ(baseline.trace.starts.size(),
            std::min(baseline.trace.losses.size(), compared_steps - 1));
  TrainingWitness witness{.trace = {}, .baseline = &baseline.trace};
  (void)run_training(model, data, options, {}, &witness);
  ASSERT_EQ(witness.trace.losses_from_starts.size(), baseline.trace.losses.size() - 1);
  for (std::size_t i = 0; i < witness.trace.losses_from_starts.size(); ++i) {
    EXPECT_NEAR(witness.trace.losses_from_starts[i], baseline.trace.losses[i + 1], 1e-5);
  }
  EXPECT_LE(witness.trace.update_distance, 0.1);
  expect_same(model.to_host(), witness.trace.weights);
}

TEST_F(TrainingTest, OnlyTheWeightsOfTheFirstEpochAreKept) {
  options.epochs = 2;
  TrainingWitness baseline{.trace = {}, .is_baseline = true};
  (void)run_training(model, data, options, {}, &baseline);
  EXPECT_EQ(baseline.trace.starts.size(), 3U);  // of 6 pictures, two a step
}

TEST_F(TrainingTest, AProjectionIsNoFasterThanTheLoader) {
  PhaseStats train;
  train.seconds = 10;
  train.images = 4;
  train.losses = {1, 1};
  train.step_seconds = {2, 2};
  train.step_images = {2, 2};
  const PhaseWork work{10, 0, 5, 0};
  const auto seconds = [&](double picture_seconds) {
    train.picture_seconds = picture_seconds;
    return training_result(model, options.trainer, work, train, {}).train.seconds;
  };
  EXPECT_DOUBLE_EQ(seconds(0.5), 10 + 6 * 1);  // the steps are slower
  EXPECT_DOUBLE_EQ(seconds(3), 10 + 6 * 3);
}

}  // namespace
}  // namespace hikaku
