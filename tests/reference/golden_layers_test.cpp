// The reference against PyTorch in double, layer by layer. Its own limit is 1e-7 and not 1e-12
// because ops/*.h state eps and momentum as floats.
#include <gtest/gtest.h>

#include "golden.h"
#include "reference/adam.h"
#include "reference/conv2d.h"
#include "reference/head_loss.h"
#include "reference/max_pool.h"
#include "reference/up_block.h"
#include "reference/upsample.h"

namespace hikaku::reference {
namespace {

using Values = std::vector<double>;
constexpr double limit = 1e-7;

/// One case of layers.safetensors.
class Case {
 public:
  explicit Case(std::string name) : name_(std::move(name)) {}

  [[nodiscard]] Values in(const std::string& tensor) const { return file().values(at(tensor)); }
  [[nodiscard]] Shape shape(const std::string& tensor) const {
    const auto& sides = file().shape(at(tensor));
    return {sides[0], sides[1], sides[2], sides[3]};
  }
  [[nodiscard]] bool has(const std::string& tensor) const { return file().has(at(tensor)); }
  [[nodiscard]] double option(const std::string& key) const {
    return file().number("option:" + at(key));
  }
  void expect(const std::string& tensor, const Values& found) const {
    EXPECT_TRUE(file().matches(at(tensor), found, limit));
  }

 private:
  static const test::Golden& file() {
    static const test::Golden golden("layers.safetensors");
    return golden;
  }
  [[nodiscard]] std::string at(const std::string& tensor) const { return name_ + "/" + tensor; }

  std::string name_;
};

Values zeros(const Shape& shape) { return Values(static_cast<std::size_t>(shape.count())); }

class GoldenConv : public testing::TestWithParam<const char*> {};

TEST_P(GoldenConv, MatchesPyTorch) {
  const Case golden(GetParam());
  const Shape weight_shape = golden.shape("weight");
  const Conv2dParams params{
      .input = golden.shape("x"), .out_channels = weight_shape.n, .kernel = weight_shape.h};
  const Values x = golden.in("x"), weight = golden.in("weight"), dy = golden.in("dy");
  Values y = zeros(params.output()), dx = zeros(params.input), dweight(weight.size());
  Values dbias(static_cast<std::size_t>(params.out_channels));
  conv2d_forward(params, x, weight, golden.in("bias"), y);
  conv2d_backward_data(params, dy, weight, dx);
  conv2d_backward_weight(params, x, dy, dweight);
  conv2d_backward_bias(params, dy, dbias);
  golden.expect("y", y);
  golden.expect("dx", dx);
  golden.expect("dweight", dweight);
  golden.expect("dbias", dbias);
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenConv,
                         testing::Values("conv2d_3x3_5_6", "conv2d_2x2_6_4", "conv2d_1x1_8_22",
                                         "conv2d_3x3_16_32"),
                         [](const auto& info) { return std::string(info.param); });

class GoldenNorm : public testing::TestWithParam<const char*> {};

TEST_P(GoldenNorm, MatchesPyTorch) {
  const Case golden(GetParam());
  const BatchNormParams params{.shape = golden.shape("z"),
                               .relu = golden.option("relu") != 0,
                               .pool = golden.option("pool") != 0};
  const Values z = golden.in("z"), gamma = golden.in("gamma"), beta = golden.in("beta");
  const Values shift = golden.in("shift");
  const Values dpooled = params.pool ? golden.in("dpooled") : Values();
  Values running_mean = golden.in("running_mean"), running_var = golden.in("running_var");
  Values y = zeros(params.shape), dz = y, infer_y = y, pooled(dpooled.size());
  Values mean(gamma.size()), inverse_deviation(gamma.size()), dgamma = mean, dbeta = mean;
  const BatchNormArrays arrays{gamma, beta, shift, running_mean, running_var};
  batch_norm_infer(params, z, arrays, infer_y, pooled);
  batch_norm_forward(params, z, arrays, {mean, inverse_deviation}, y, pooled);
  batch_norm_backward(params, z, arrays, {mean, inverse_deviation}, golden.in("dy"), dpooled,
                      dgamma, dbeta, dz);
  golden.expect("infer_y", infer_y);
  golden.expect("y", y);
  if (params.pool) golden.expect("pooled", pooled);
  golden.expect("new_running_mean", running_mean);
  golden.expect("new_running_var", running_var);
  golden.expect("dz", dz);
  golden.expect("dgamma", dgamma);
  golden.expect("dbeta", dbeta);
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenNorm,
                         testing::Values("batch_norm", "batch_norm_relu", "batch_norm_relu_pool"),
                         [](const auto& info) { return std::string(info.param); });

TEST(GoldenLayers, MaxPool) {
  const Case golden("max_pool");
  const MaxPoolParams params{golden.shape("x")};
  Values y = zeros(params.output()), dx = zeros(params.input);
  max_pool_forward(params, golden.in("x"), y);
  max_pool_backward(params, golden.in("x"), golden.in("dy"), dx);
  golden.expect("y", y);
  golden.expect("dx", dx);
}

TEST(GoldenLayers, Upsample) {
  const Case golden("upsample");
  Values y = zeros(golden.shape("dy")), dx = zeros(golden.shape("x"));
  upsample_forward(golden.shape("x"), golden.in("x"), y);
  upsample_backward(golden.shape("x"), golden.in("dy"), dx);
  golden.expect("y", y);
  golden.expect("dx", dx);
}

class GoldenUpBlock : public testing::TestWithParam<const char*> {};

TEST_P(GoldenUpBlock, MatchesPyTorch) {
  const Case golden(GetParam());
  const UpBlockParams params{.input = golden.shape("x"), .out_channels = golden.shape("weight").n};
  const Values x = golden.in("x"), weight = golden.in("weight"), bias = golden.in("bias");
  const Values gamma1 = golden.in("gamma1"), beta1 = golden.in("beta1");
  const Values gamma2 = golden.in("gamma2"), beta2 = golden.in("beta2");
  Values mean1 = golden.in("running_mean1"), var1 = golden.in("running_var1");
  Values mean2 = golden.in("running_mean2"), var2 = golden.in("running_var2");
  const UpBlockArrays arrays{.norm1 = {gamma1, beta1, {}, mean1, var1},
                             .weight = weight,
                             .bias = bias,
                             .norm2 = {gamma2, beta2, {}, mean2, var2}};
  UpBlockTrace trace(params);
  Values y = zeros(params.output()), infer_y = y, dx = zeros(params.input);
  Values dweight(weight.size()), dbias(bias.size());
  Values dgamma1(gamma1.size()), dbeta1 = dgamma1, dgamma2(gamma2.size()), dbeta2 = dgamma2;
  up_block_infer(params, x, arrays, infer_y);
  up_block_forward(params, x, arrays, trace, y);
  up_block_backward(params, arrays, trace, golden.in("dy"),
                    {dgamma1, dbeta1, dweight, dbias, dgamma2, dbeta2}, dx);
  golden.expect("infer_y", infer_y);
  golden.expect("y", y);
  golden.expect("new_running_mean1", mean1);
  golden.expect("new_running_var1", var1);
  golden.expect("new_running_mean2", mean2);
  golden.expect("new_running_var2", var2);
  golden.expect("dx", dx);
  golden.expect("dweight", dweight);
  golden.expect("dgamma1", dgamma1);
  golden.expect("dbeta1", dbeta1);
  golden.expect("dgamma2", dgamma2);
  golden.expect("dbeta2", dbeta2);
  for (const double g : dbias) EXPECT_NEAR(g, 0, 1e-12);  // batch norm takes the bias out again
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenUpBlock, testing::Values("up_block_16_8", "up_block_6_5"),
                         [](const auto& info) { return std::string(info.param); });

class GoldenHeadLoss : public testing::TestWithParam<const char*> {};

TEST_P(GoldenHeadLoss, MatchesPyTorch) {
  const Case golden(GetParam());
  HeadLossParams params;
  params.input = golden.shape("x");
  params.classes = golden.shape("weight").n;
  params.dice_share = static_cast<float>(golden.option("dice_share"));
  params.ignore = static_cast<int>(golden.option("ignore"));
  if (golden.has("class_weights")) {
    const Values weights = golden.in("class_weights");
    params.class_weights.assign(weights.begin(), weights.end());
  }
  const Values x = golden.in("x"), weight = golden.in("weight"), bias = golden.in("bias");
  const Values stored = golden.in("labels");
  const std::vector<std::uint8_t> labels(stored.begin(), stored.end());
  Values logits(labels.size() * bias.size()), dx(x.size()), dweight(weight.size());
  Values dbias(bias.size());
  head_loss_logits(params, x, weight, bias, logits);
  const LossValue loss = head_loss_forward(params, x, weight, bias, labels);
  head_loss_backward(params, x, weight, bias, labels, dx, dweight, dbias);
  golden.expect("logits", logits);
  golden.expect("loss", {loss.total, loss.cross_entropy, loss.dice});
  golden.expect("dx", dx);
  golden.expect("dweight", dweight);
  golden.expect("dbias", dbias);
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenHeadLoss,
                         testing::Values("head_loss_plain", "head_loss_weights", "head_loss_ignore",
                                         "head_loss_weights_ignore"),
                         [](const auto& info) { return std::string(info.param); });

class GoldenAdam : public testing::TestWithParam<const char*> {};

TEST_P(GoldenAdam, ThreeStepsMatchPyTorch) {
  const Case golden(GetParam());
  const AdamParams params{.weight_decay = golden.option("weight_decay")};
  Values parameter = golden.in("parameter"), m(parameter.size()), v(parameter.size());
  for (int step = 0; step < 3; ++step) {
    adam(params, step + 1, parameter, golden.in("gradient" + std::to_string(step)), m, v);
  }
  golden.expect("new_parameter", parameter);
  golden.expect("first_moment", m);
  golden.expect("second_moment", v);
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenAdam, testing::Values("adam", "adam_decay", "adam_small"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace hikaku::reference
