// A step taken apart does what an undivided one does, and how much there is to do.
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/philox.h"
#include "cpu/backend.h"
#include "nn/step_work.h"
#include "nn/train_plan.h"

namespace hikaku {
namespace {

/// A network of two levels, and a batch of noise.
struct Net {
  UNetConfig config{3, 5, 16, 2};
  BatchShape batch{.images = 2, .height = 16, .width = 16};
  std::unique_ptr<Backend> backend = make_cpu_backend();
  Model model{config, *backend, true};
  TrainPlan plan{model, batch, {}};
  std::vector<float> images;
  std::vector<std::uint8_t> labels;

  Net() {
    model.initialise(3);
    Philox random(5, RandomUse::check);
    constexpr std::size_t pixels = std::size_t{2} * 16 * 16;
    images.resize(3 * pixels);
    for (float& value : images) value = random.uniform();
    labels.resize(pixels);
    for (auto& value : labels) value = static_cast<std::uint8_t>(random.below(5));
  }
};

TEST(Profile, AStepTakenApartLeavesTheSameWeights) {
  Net whole, apart;
  const AdamParams adam;
  for (int step = 0; step < 3; ++step) {
    whole.plan.step(whole.images.data(), whole.labels.data(), adam);
    const double start = clock_seconds();
    const StepPhases phases =
        apart.plan.profile_step(apart.images.data(), apart.labels.data(), adam);
    const double elapsed = clock_seconds() - start;
    for (const double part : {phases.forward, phases.loss, phases.backward, phases.adam}) {
      EXPECT_GT(part, 0);
    }
    EXPECT_LE(phases.sum(), elapsed);
  }
  EXPECT_EQ(whole.model.steps(), apart.model.steps());
  const auto wanted = whole.model.to_host(), found = apart.model.to_host();
  for (const auto& [name, tensor] : wanted) EXPECT_EQ(found.at(name).values, tensor.values) << name;
}

TEST(StepWork, IsThatOfTheNetworkCountedByHand) {
  // One level: 3 -> 2 -> 2 channels and a head of 5 classes, on 4 x 4 pixels.
  const UNet net(UNetConfig{3, 5, 2, 1});
  const BatchShape batch{.images = 1, .height = 4, .width = 4};
  const double pixels = 16, first = 3 * 2 * 9, second = 2 * 2 * 9, head = 2 * 5;
  const double flops = 2 * pixels * (2 * first + 3 * second + 3 * head);
  const auto bytes = [&](double element) {
    const double x = 3 * pixels * 4, z = 2 * pixels * element;
    const double norms = 2 * (2 * z + 3 * z);  // z, y; then z, dy, dz; of both units
    const double convs = (x + 4 * first + z) + (x + z + 4 * first) +       // of the first
                         (z + 4 * second + z) + 2 * (z + z + 4 * second);  // of the second
    const double adam = 7 * 4 * static_cast<double>(net.trained_count);
    return norms + convs + 3 * z + 2 * pixels + adam;
  };
  EXPECT_DOUBLE_EQ(step_work(net, batch, Precision::f32).flops, flops);
  EXPECT_DOUBLE_EQ(step_work(net, batch, Precision::f32).bytes, bytes(4));
  EXPECT_DOUBLE_EQ(step_work(net, batch, Precision::tf32).bytes, bytes(4));
  EXPECT_DOUBLE_EQ(step_work(net, batch, Precision::bf16).bytes, bytes(2));
}

TEST(StepWork, OfTheLecturesNetworkIsThreeTimesTheForwardPass) {
  const UNet net(UNetConfig{});
  const double forward = 16 * net.forward_flops(256, 256);
  const double first = 2.0 * 16 * 256 * 256 * 3 * 64 * 9;  // nobody asks for the pictures' gradient
  EXPECT_DOUBLE_EQ(step_work(net, {16, 256, 256}, Precision::f32).flops, 3 * forward - first);
}

}  // namespace
}  // namespace hikaku
