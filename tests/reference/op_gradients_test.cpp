// Every op of the reference against central differences, with the loss sum(y * r), r random.
#include <gtest/gtest.h>

#include <array>

#include "finite_differences.h"
#include "reference/batch_norm.h"
#include "reference/conv2d.h"
#include "reference/head_loss.h"
#include "reference/max_pool.h"
#include "reference/up_block.h"
#include "reference/upsample.h"

namespace hikaku::reference {
namespace {

using test::dot;
using test::expect_gradient;
using test::random_values;
using Values = std::vector<double>;

class ConvGradient : public testing::TestWithParam<Conv2dParams> {};

TEST_P(ConvGradient, MatchesFiniteDifferences) {
  const Conv2dParams& params = GetParam();
  Values x = random_values(params.input.count(), 1),
         weight = random_values(params.weight_count(), 2);
  Values bias = random_values(params.out_channels, 3);
  const Values r = random_values(params.output().count(), 4);
  const auto loss = [&] {
    Values y(r.size());
    conv2d_forward(params, x, weight, bias, y);
    return dot(y, r);
  };
  Values dx(x.size()), dweight(weight.size()), dbias(bias.size());
  conv2d_backward_data(params, r, weight, dx);
  conv2d_backward_weight(params, x, r, dweight);
  conv2d_backward_bias(params, r, dbias);
  expect_gradient("x", loss, x, dx);
  expect_gradient("weight", loss, weight, dweight);
  expect_gradient("bias", loss, bias, dbias);
}

INSTANTIATE_TEST_SUITE_P(
    Kernels, ConvGradient,
    testing::Values(Conv2dParams{.input = {2, 3, 5, 4}, .out_channels = 2, .kernel = 3},
                    Conv2dParams{.input = {1, 2, 1, 1}, .out_channels = 3, .kernel = 3},
                    Conv2dParams{.input = {2, 2, 3, 5}, .out_channels = 3, .kernel = 2},
                    Conv2dParams{.input = {1, 1, 1, 4}, .out_channels = 1, .kernel = 2},
                    Conv2dParams{.input = {2, 3, 2, 3}, .out_channels = 4, .kernel = 1}));

class NormGradient : public testing::TestWithParam<std::tuple<bool, bool>> {};

TEST_P(NormGradient, MatchesFiniteDifferences) {
  const BatchNormParams params{
      .shape = {2, 3, 5, 4}, .relu = std::get<0>(GetParam()), .pool = std::get<1>(GetParam())};
  Values z = random_values(params.shape.count(), 1);
  Values gamma = random_values(params.shape.c, 2), beta = random_values(params.shape.c, 3);
  const Values r = random_values(params.shape.count(), 4);
  const Values r_pooled = random_values(params.pool ? params.pooled().count() : 0, 5);
  const BatchNormArrays arrays{
      .gamma = gamma, .beta = beta, .shift = {}, .running_mean = {}, .running_var = {}};
  Values mean(gamma.size()), inverse_deviation(gamma.size());
  const auto loss = [&] {
    Values y(r.size()), pooled(r_pooled.size()), m(gamma.size()), d(gamma.size());
    batch_norm_forward(params, z, arrays, {m, d}, y, pooled);
    return dot(y, r) + dot(pooled, r_pooled);
  };
  Values y(r.size()), pooled(r_pooled.size());
  batch_norm_forward(params, z, arrays, {mean, inverse_deviation}, y, pooled);
  Values dgamma(gamma.size()), dbeta(beta.size()), dz(z.size());
  batch_norm_backward(params, z, arrays, {mean, inverse_deviation}, r, r_pooled, dgamma, dbeta, dz);
  expect_gradient("z", loss, z, dz);
  expect_gradient("gamma", loss, gamma, dgamma);
  expect_gradient("beta", loss, beta, dbeta);
}

INSTANTIATE_TEST_SUITE_P(ReluAndPool, NormGradient,
                         testing::Combine(testing::Bool(), testing::Bool()));

TEST(MaxPoolGradient, MatchesFiniteDifferences) {
  const MaxPoolParams params{{2, 2, 5, 7}};
  Values x = random_values(params.input.count(), 1);
  const Values r = random_values(params.output().count(), 2);
  const auto loss = [&] {
    Values y(r.size());
    max_pool_forward(params, x, y);
    return dot(y, r);
  };
  Values dx(x.size());
  max_pool_backward(params, x, r, dx);
  expect_gradient("x", loss, x, dx);
}

TEST(MaxPool, TheFirstOfEqualMaximaTakesTheGradient) {
  const MaxPoolParams params{{1, 1, 2, 2}};
  const Values x{1, 3, 3, 3}, dy{5};
  Values dx(4);
  max_pool_backward(params, x, dy, dx);
  EXPECT_EQ(dx, (Values{0, 5, 0, 0}));
}

TEST(UpsampleGradient, MatchesFiniteDifferences) {
  for (const Shape& input : {Shape{2, 2, 3, 4}, Shape{1, 1, 1, 5}, Shape{1, 3, 1, 1}}) {
    Values x = random_values(input.count(), 1);
    const Values r = random_values(4 * input.count(), 2);
    const auto loss = [&] {
      Values y(r.size());
      upsample_forward(input, x, y);
      return dot(y, r);
    };
    Values dx(x.size());
    upsample_backward(input, r, dx);
    expect_gradient("x of " + to_string(input), loss, x, dx);
  }
}

TEST(UpBlockGradient, MatchesFiniteDifferences) {
  const UpBlockParams params{.input = {2, 3, 3, 2}, .out_channels = 2};
  Values x = random_values(params.input.count(), 1),
         weight = random_values(params.weight_count(), 2);
  Values gamma1 = random_values(3, 3), beta1 = random_values(3, 4), bias = random_values(2, 5);
  Values gamma2 = random_values(2, 6), beta2 = random_values(2, 7);
  const Values r = random_values(params.output().count(), 8);
  const UpBlockArrays arrays{.norm1 = {gamma1, beta1, {}, {}, {}},
                             .weight = weight,
                             .bias = bias,
                             .norm2 = {gamma2, beta2, {}, {}, {}}};
  const auto loss = [&] {
    UpBlockTrace trace(params);
    Values y(r.size());
    up_block_forward(params, x, arrays, trace, y);
    return dot(y, r);
  };
  UpBlockTrace trace(params);
  Values y(r.size()), dx(x.size()), dweight(weight.size()), dbias(2);
  Values dgamma1(3), dbeta1(3), dgamma2(2), dbeta2(2);
  up_block_forward(params, x, arrays, trace, y);
  up_block_backward(params, arrays, trace, r, {dgamma1, dbeta1, dweight, dbias, dgamma2, dbeta2},
                    dx);
  expect_gradient("x", loss, x, dx);
  expect_gradient("gamma1", loss, gamma1, dgamma1);
  expect_gradient("beta1", loss, beta1, dbeta1);
  expect_gradient("weight", loss, weight, dweight);
  expect_gradient("bias", loss, bias, dbias);
  expect_gradient("gamma2", loss, gamma2, dgamma2);
  expect_gradient("beta2", loss, beta2, dbeta2);
}

struct LossCase {
  const char* name;
  int ignore;
  bool weights;
  std::int64_t batch;
};

class HeadLossGradient : public testing::TestWithParam<LossCase> {};

TEST_P(HeadLossGradient, MatchesFiniteDifferences) {
  HeadLossParams params;
  params.input = {GetParam().batch, 3, 3, 5};
  params.classes = 4;  // class 3 never occurs
  params.dice_share = 0.25f;
  params.ignore = GetParam().ignore;
  if (GetParam().weights) params.class_weights = {0.5f, 2.0f, 0.0f, 1.0f};
  Values x = random_values(params.input.count(), 1), weight = random_values(12, 2);
  Values bias = random_values(4, 3);
  std::vector<std::uint8_t> labels(static_cast<std::size_t>(params.input.n * 15));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    labels[i] = i % 4 == 3 ? std::uint8_t{255} : static_cast<std::uint8_t>(i % 3);
    if (labels[i] == 255 && params.ignore != 255) labels[i] = 0;
  }
  const auto loss = [&] { return head_loss_forward(params, x, weight, bias, labels).total; };
  Values dx(x.size()), dweight(12), dbias(4);
  head_loss_backward(params, x, weight, bias, labels, dx, dweight, dbias);
  expect_gradient("x", loss, x, dx);
  expect_gradient("weight", loss, weight, dweight);
  expect_gradient("bias", loss, bias, dbias);
}

INSTANTIATE_TEST_SUITE_P(Loss, HeadLossGradient,
                         testing::Values(LossCase{"plain", -1, false, 2},
                                         LossCase{"batch_1", -1, false, 1},
                                         LossCase{"weights", -1, true, 2},
                                         LossCase{"ignore", 255, false, 2},
                                         LossCase{"weights_ignore", 255, true, 2}),
                         [](const auto& info) { return info.param.name; });

TEST(HeadLoss, ABatchWithoutCountedPixelsHasNoGradient) {
  HeadLossParams params;
  params.input = {1, 2, 2, 2};
  params.classes = 3;
  params.ignore = 255;
  const Values x = random_values(8, 1), weight = random_values(6, 2), bias = random_values(3, 3);
  const std::vector<std::uint8_t> labels(4, 255);
  EXPECT_EQ(head_loss_forward(params, x, weight, bias, labels).cross_entropy, 0.0);
  Values dx(8, 1.0), dweight(6, 1.0), dbias(3, 1.0);
  head_loss_backward(params, x, weight, bias, labels, dx, dweight, dbias);
  EXPECT_EQ(dx, Values(8, 0.0));
  EXPECT_EQ(dweight, Values(6, 0.0));
}

}  // namespace
}  // namespace hikaku::reference
