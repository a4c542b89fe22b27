// The reference's whole network against PyTorch in double: logits, loss, every gradient, and ten
// training losses. (The golden files of the larger networks are for the faster programs.)
#include <gtest/gtest.h>

#include "golden.h"
#include "reference/adam.h"
#include "reference/unet.h"

namespace hikaku::reference {
namespace {

constexpr double limit = 1e-6;  // the ops' float eps and momentum, through all layers

class GoldenUNet : public testing::TestWithParam<const char*> {
 protected:
  test::Golden golden_{std::string(GetParam()) + ".safetensors"};
  UNetConfig config_{.width = size("width")};
  Shape input_{size("batch"), 3, size("height"), size("columns")};
  Arrays arrays_ = test::rule_arrays(config_, golden_, "pass"), gradients_;
  UNet net_{config_, input_, arrays_};

  [[nodiscard]] std::int64_t size(const char* key) const {
    return static_cast<std::int64_t>(golden_.number(key));
  }
  [[nodiscard]] test::RuleBatch batch(std::uint64_t step) const {
    return test::rule_batch(step, input_.n, input_.h, input_.w, 22);
  }
};

TEST_P(GoldenUNet, OnePassMatchesPyTorch) {
  const test::RuleBatch first = batch(0);
  const LossValue loss = net_.train(first.pictures, first.labels, {}, gradients_);
  EXPECT_TRUE(golden_.matches(
      "loss", std::vector<double>{loss.total, loss.cross_entropy, loss.dice}, limit));
  EXPECT_TRUE(golden_.matches("eval_logits", net_.logits(first.pictures), limit));
  EXPECT_TRUE(golden_.matches("logits", net_.training_logits(first.pictures), limit));
  int compared = 0;
  for (const ArraySpec& spec : unet_arrays(config_)) {
    if (!golden_.has("gradient:" + spec.name)) continue;
    EXPECT_TRUE(golden_.matches("gradient:" + spec.name, gradients_.at(spec.name), limit));
    ++compared;
  }
  EXPECT_EQ(compared, 76);  // 98 trained arrays but the biases before a batch norm
}

TEST_P(GoldenUNet, TenLossesMatchPyTorch) {
  arrays_ = test::rule_arrays(config_, golden_, "losses");
  const test::RuleBatch batches[] = {batch(0), batch(1)};
  Arrays m, v;
  std::vector<double> losses;
  for (int step = 0; step < 10; ++step) {
    const test::RuleBatch& now = batches[step % 2];
    losses.push_back(net_.train(now.pictures, now.labels, {}, gradients_).total);
    for (const auto& [name, gradient] : gradients_) {
      m[name].resize(gradient.size());
      v[name].resize(gradient.size());
      adam({}, step + 1, arrays_.at(name), gradient, m[name], v[name]);
    }
  }
  EXPECT_TRUE(golden_.matches("losses", losses, limit));
}

INSTANTIATE_TEST_SUITE_P(Nets, GoldenUNet,
                         testing::Values("unet_width16_32x32", "unet_width8_48x80",
                                         "unet_width16_32x32_open"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace hikaku::reference
