// The planned network on the CPU against PyTorch: logits, loss, every gradient, and ten training
// losses, each within the limit that the golden file states for f32.
#include <gtest/gtest.h>

#include <cmath>

#include "cpu/backend.h"
#include "golden.h"
#include "nn/eval_plan.h"
#include "nn/train_plan.h"

namespace hikaku {
namespace {

class GoldenPlan : public testing::TestWithParam<const char*> {
 protected:
  /// "pass" or "losses".
  void start(const std::string& what) {
    auto tensors = model_.to_host();
    for (const auto& [name, values] : test::rule_arrays({.width = size("width")}, golden_, what)) {
      tensors.at(name).values.assign(values.begin(), values.end());
    }
    model_.from_host(tensors);
  }

  [[nodiscard]] std::int64_t size(const char* key) const {
    return static_cast<std::int64_t>(golden_.number(key));
  }
  struct Batch {
    std::vector<float> pictures;
    std::vector<std::uint8_t> labels;
  };
  [[nodiscard]] Batch batch(std::uint64_t step) const {
    const auto made = test::rule_batch(step, shape_.images, shape_.height, shape_.width, 22);
    return {{made.pictures.begin(), made.pictures.end()}, made.labels};
  }

  test::Golden golden_{std::string(GetParam()) + ".safetensors"};
  std::unique_ptr<Backend> backend_ = make_cpu_backend();
  UNetConfig config_{3, 22, size("width"), 5};
  BatchShape shape_{size("batch"), size("height"), size("columns")};
  Model model_{config_, *backend_, true};
  TrainPlan plan_{model_, shape_, {}};
};

TEST_P(GoldenPlan, OnePassMatchesPyTorch) {
  start("pass");
  const Batch first = batch(0);
  const LossValue loss = plan_.forward_backward(first.pictures.data(), first.labels.data());
  EXPECT_TRUE(
      golden_.matches("loss", std::vector<double>{loss.total, loss.cross_entropy, loss.dice}));
  int compared = 0;
  for (const auto& [name, gradient] : model_.gradients_to_host()) {
    if (!golden_.has("gradient:" + name)) continue;
    const std::vector<double> found(gradient.values.begin(), gradient.values.end());
    EXPECT_TRUE(golden_.matches("gradient:" + name, found));
    ++compared;
  }
  EXPECT_EQ(compared, 76);

  EvalPlan evaluation(model_, shape_, {});
  evaluation.load_weights();
  evaluation.forward(first.pictures.data());
  std::vector<float> logits(first.labels.size() * 22);
  const DeviceMemory out(*backend_, logits.size() * sizeof(float));
  evaluation.logits(out.floats());
  backend_->copy_to_host(out.get(), logits.data(), out.bytes());
  EXPECT_TRUE(golden_.matches("eval_logits", std::vector<double>(logits.begin(), logits.end())));
  const std::vector<float> training = plan_.training_logits(first.pictures.data());
  EXPECT_TRUE(golden_.matches("logits", std::vector<double>(training.begin(), training.end())));
}

TEST_P(GoldenPlan, TenLossesMatchPyTorch) {
  start("losses");
  const Batch batches[] = {batch(0), batch(1)};
  const std::vector<double> expected = golden_.values("losses"),
                            limit = golden_.values("losses_limit");
  for (std::size_t step = 0; step < expected.size(); ++step) {
    const Batch& now = batches[step % 2];
    const LossValue loss = plan_.step(now.pictures.data(), now.labels.data(), {});
    EXPECT_NEAR(loss.total, expected[step], limit[step]) << "step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Nets, GoldenPlan,
                         testing::Values("unet_width16_32x32", "unet_width8_48x80",
                                         "unet_width8_256x256", "unet_width64_64x64",
                                         "unet_width16_32x32_open", "unet_width8_48x80_open",
                                         "unet_width32_64x64_open"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace hikaku
