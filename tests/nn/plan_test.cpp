// The planned network on a backend against the reference network in double.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include "../support/relative_l2.h"
#include "base/memory.h"
#include "base/philox.h"
#include "cpu/backend.h"
#include "nn/eval_plan.h"
#include "nn/train_plan.h"
#include "reference/unet.h"

namespace hikaku {
namespace {

struct NetCase {
  const char* name;
  UNetConfig config;
  BatchShape batch;
  LossOptions loss;
};
void PrintTo(const NetCase& c, std::ostream* out) { *out << c.name; }

class PlanTest : public testing::TestWithParam<NetCase> {
 protected:
  PlanTest() { draw(1); }

  void draw(std::uint64_t seed) {
    const NetCase& c = GetParam();
    const auto pixels = static_cast<std::size_t>(c.batch.images * c.batch.height * c.batch.width);
    Philox random(seed, RandomUse::check);
    images.resize(pixels * static_cast<std::size_t>(c.config.in_channels));
    for (float& v : images) v = 4 * random.uniform() - 2;
    labels.resize(pixels);
    for (auto& v : labels) v = static_cast<std::uint8_t>(random.below(c.config.classes));
    if (c.loss.ignore >= 0) {
      for (std::size_t i = 0; i < pixels; i += 5)
        labels[i] = static_cast<std::uint8_t>(c.loss.ignore);
    }
    model.initialise(3);
    // Batch norms away from 1 and 0, so that none of their terms can hide.
    auto tensors = model.to_host();
    for (auto& [name, tensor] : tensors) {
      const bool norm = tensor.shape.size() == 1;
      for (float& v : tensor.values) {
        if (norm && name.ends_with(".weight")) v = 0.5f + 0.5f * random.uniform();
        // Most values open their ReLU, a few in a hundred do not, and few lie near its kink.
        if (norm && name.ends_with(".bias")) v = 1 + random.uniform();
        if (name.ends_with(".running_var")) v = 0.5f + random.uniform();
        if (name.ends_with(".running_mean")) v = random.uniform() - 0.5f;
      }
      arrays[name].assign(tensor.values.begin(), tensor.values.end());
    }
    model.from_host(tensors);
  }

  [[nodiscard]] reference::UNet make_reference() {
    const NetCase& c = GetParam();
    return {{c.config.in_channels, c.config.classes, c.config.width, c.config.levels},
            {c.batch.images, c.config.in_channels, c.batch.height, c.batch.width},
            arrays};
  }
  [[nodiscard]] std::vector<double> images_in_double() const {
    return {images.begin(), images.end()};
  }

  using Farthest = std::pair<double, std::string>;  ///< relative L2 difference, and whose it is
  Farthest compare_step(TrainPlan& plan);

  std::unique_ptr<Backend> backend = make_cpu_backend();
  Model model{GetParam().config, *backend, true};
  reference::Arrays arrays;
  std::vector<float> images;
  std::vector<std::uint8_t> labels;
};

/// Compares one step from the drawn state. The gradient that is farthest from the reference's.
PlanTest::Farthest PlanTest::compare_step(TrainPlan& plan) {
  const NetCase& c = GetParam();
  const LossValue loss = plan.forward_backward(images.data(), labels.data());

  HeadLossParams params;
  params.dice_share = c.loss.dice_share;
  params.class_weights = c.loss.class_weights;
  params.ignore = c.loss.ignore;
  reference::Arrays gradients;
  const LossValue truth = make_reference().train(images_in_double(), labels, params, gradients);
  EXPECT_NEAR(loss.total, truth.total, 1e-5);
  EXPECT_NEAR(loss.cross_entropy, truth.cross_entropy, 1e-5);
  EXPECT_NEAR(loss.dice, truth.dice, 1e-6);
  for (const auto& [name, tensor] : model.to_host()) {
    if (name.find("running") == std::string::npos) continue;
    EXPECT_LT(relative_l2(arrays.at(name), tensor.values), 1e-5) << name;
  }
  Farthest farthest;
  for (const auto& [name, gradient] : model.gradients_to_host()) {
    const bool before_norm = name.ends_with(".bias") && name != "head.bias" &&
                             arrays.count(name.substr(0, name.size() - 4) + "running_mean") == 0;
    if (before_norm) continue;  // exactly zero by algebra, noise in any other computation
    farthest = std::max(farthest, {relative_l2(gradients.at(name), gradient.values), name});
  }
  return farthest;
}

// Where an activation lies so near to a ReLU's kink, or two of a pool's four so near to each other,
// that rounding decides, gradients move by a percent, and that is no error. The reference alone
// tells which draws have no such place; each of those must agree.
TEST_P(PlanTest, TrainingStepAgreesWithTheReference) {
  constexpr double margin = 2e-5;  // several times the rounding of f32 at the end of the network
  constexpr int wanted = 3;
  TrainPlan plan(model, GetParam().batch, GetParam().loss);
  int compared = 0;
  for (std::uint64_t seed = 1; seed <= 60 && compared < wanted; ++seed) {
    draw(seed);
    if (make_reference().kink_distance(images_in_double()) < margin) continue;
    draw(seed);  // the running statistics again
    const Farthest farthest = compare_step(plan);
    EXPECT_LT(farthest.first, 1e-4) << farthest.second << ", draw " << seed;
    ++compared;
  }
  EXPECT_EQ(compared, wanted);
}

TEST_P(PlanTest, EvaluationAgreesWithTheReference) {
  const NetCase& c = GetParam();
  EvalPlan plan(model, c.batch, c.loss);
  plan.load_weights();
  plan.forward(images.data());
  const std::vector<double> truth = make_reference().logits(images_in_double());
  const DeviceMemory out(*backend, truth.size() * sizeof(float));
  plan.logits(out.floats());
  std::vector<float> logits(truth.size());
  backend->copy_to_host(out.get(), logits.data(), out.bytes());
  EXPECT_LT(relative_l2(truth, logits), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(
    Nets, PlanTest,
    testing::Values(NetCase{"width16", {3, 22, 16, 5}, {4, 16, 32}, {}},
                    NetCase{"three_levels", {3, 5, 32, 3}, {3, 20, 12}, {}},
                    NetCase{"width8", {3, 22, 8, 3}, {2, 32, 32}, {}},
                    NetCase{"one_picture", {3, 22, 16, 3}, {1, 8, 12}, {}},
                    NetCase{"ignored",
                            {3, 4, 16, 3},
                            {2, 16, 16},
                            {.dice_share = 0.3f, .class_weights = {1, 2, 0.5f, 3}, .ignore = 255}}),
    [](const auto& info) { return info.param.name; });

TEST(Plan, RefusesWhatDoesNotFit) {
  const UNetConfig config;
  for (const BatchShape& batch : {BatchShape{16, 250, 256}, BatchShape{0, 256, 256}}) {
    try {
      require_fits(config, batch, true);
      FAIL() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::usage);
      EXPECT_NE(std::string(error.what()).find("multiples of 16"), std::string::npos);
    }
  }
  EXPECT_THROW(require_fits(config, {1, 16, 16}, true), Error);
  EXPECT_NO_THROW(require_fits(config, {1, 16, 16}, false));
}

TEST(Plan, ABatchThatIsTooLargeIsRefusedWithTheLargestThatFits) {
  const std::unique_ptr<Backend> backend = make_cpu_backend();
  Model model(UNetConfig{3, 22, 16, 3}, *backend, true);
  const BatchShape one{1, 256, 256};
  const BatchShape two{2, 256, 256};
  const std::size_t bytes_of_one = TrainPlan(model, one, {}).memory()->bytes();
  const std::size_t bytes_per_image = TrainPlan(model, two, {}).memory()->bytes() - bytes_of_one;
  BatchShape batch = one;
  batch.images = 3 * read_memory().total / static_cast<std::int64_t>(bytes_per_image);
  batch.bytes_beside = bytes_per_image / 4;
  try {
    const TrainPlan plan(model, batch, {});
    FAIL() << "accepted";
  } catch (const OutOfMemory& error) {
    EXPECT_EQ(error.code(), ExitCode::out_of_memory);
    EXPECT_NE(std::string(error.what())
                  .find(fmt::format("a batch of {} pictures of 256 x 256 needs", batch.images)),
              std::string::npos)
        << error.what();
    const std::string before = "use --batch-size ";
    ASSERT_TRUE(error.fix().starts_with(before)) << error.fix();
    const std::size_t largest = std::stoul(error.fix().substr(before.size()));
    // What lies beside the refused batch goes with it; what lies beside the smaller one must fit.
    const auto images = static_cast<std::size_t>(batch.images);
    const std::size_t there = error.available() + images * batch.bytes_beside;
    const std::size_t fixed = bytes_of_one - bytes_per_image;
    const std::size_t needed = fixed + largest * (bytes_per_image + batch.bytes_beside);
    EXPECT_NEAR(static_cast<double>(needed), static_cast<double>(there),
                0.02 * static_cast<double>(there));
    EXPECT_LE(needed, there);
  }
}

}  // namespace
}  // namespace hikaku
