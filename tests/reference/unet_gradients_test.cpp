// The whole network against central differences: small nets of several shapes and losses.
#include <gtest/gtest.h>

#include "base/error.h"
#include "finite_differences.h"
#include "reference/unet.h"

namespace hikaku::reference {
namespace {

using test::random_values;

/// Random weights, the batch norms' away from 1 and 0, and running statistics.
Arrays random_arrays(const UNetConfig& config, std::uint64_t seed) {
  Arrays arrays;
  for (const ArraySpec& spec : unet_arrays(config)) {
    std::int64_t count = 1;
    for (const std::int64_t side : spec.shape) count *= side;
    arrays[spec.name] = random_values(count, seed++);
    if (spec.shape.size() == 1 && spec.name.ends_with("weight")) {
      for (double& gamma : arrays[spec.name]) gamma = 1 + gamma / 4;
    }
  }
  return arrays;
}

class UNetGradient : public testing::TestWithParam<int> {};

TEST_P(UNetGradient, MatchesFiniteDifferences) {
  const int seed = GetParam();
  const UNetConfig config{.in_channels = 1 + seed % 3, .classes = 3, .width = 2, .depth = 3};
  const Shape input{1 + seed % 2, config.in_channels, 8, seed % 4 < 2 ? 12 : 8};
  Arrays arrays = random_arrays(config, 1000 * std::uint64_t(seed)), gradients;
  const std::vector<double> x = random_values(input.count(), 77 + std::uint64_t(seed));
  std::vector<std::uint8_t> labels(std::size_t(input.n * input.pixels()));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = std::uint8_t(i * 7 % 11 % 2);
  HeadLossParams loss;
  if (seed % 3 == 1) loss.class_weights = {0.5f, 2.0f, 1.0f};
  if (seed % 3 == 2) labels[3] = 255, loss.ignore = 255;
  UNet net(config, input, arrays);
  net.train(x, labels, loss, gradients);
  for (const ArraySpec& spec : unet_arrays(config)) {
    if (!spec.trained) continue;
    Arrays unused;
    std::vector<double>& variable = arrays[spec.name];
    const std::size_t stride = std::max<std::size_t>(1, variable.size() / 5);
    test::expect_gradient(
        spec.name, [&] { return net.train(x, labels, loss, unused).total; }, variable,
        gradients[spec.name], stride);
  }
}

INSTANTIATE_TEST_SUITE_P(Nets, UNetGradient, testing::Range(0, 20));

TEST(UNet, RefusesWhatDoesNotFit) {
  const UNetConfig config{.in_channels = 1, .classes = 3, .width = 2, .depth = 3};
  Arrays arrays = random_arrays(config, 1);
  EXPECT_THROW(UNet(config, Shape{1, 1, 8, 10}, arrays), Error);  // 10 is no multiple of 4
  EXPECT_THROW(UNet(config, Shape{1, 3, 8, 8}, arrays), Error);
  arrays["merge.1.3.weight"].pop_back();
  EXPECT_THROW(UNet(config, Shape{1, 1, 8, 8}, arrays), Error);
}

}  // namespace
}  // namespace hikaku::reference
