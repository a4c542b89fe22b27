// A convolution's pass for a part of the pictures at a time. No GPU is needed: the part is a plan
// that notes what it is given.
#include "cuda/conv_parts.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/error.h"

namespace hikaku::cuda {
namespace {

struct Noted {
  ConvMemory memory;
  void* workspace;
};

class NotingPlan final : public ConvPlan {
 public:
  explicit NotingPlan(std::vector<Noted>& noted) : noted_(noted) {}
  void run(const ConvMemory& memory, void* workspace) override {
    noted_.push_back({memory, workspace});
  }
  [[nodiscard]] std::size_t workspace_bytes() const override { return 640; }
  [[nodiscard]] double seconds() const override { return 0.25; }

 private:
  std::vector<Noted>& noted_;
};

Tensor maps(const Shape& shape, DType type) { return {nullptr, type, shape, Layout::nhwc(shape)}; }

/// x is a slice of eight channels of twelve.
ConvProblem problem_of(std::int64_t pictures) {
  ConvProblem problem;
  problem.x = maps({pictures, 12, 4, 6}, DType::f16);
  problem.x.shape.c = 8;
  problem.y = maps({pictures, 16, 4, 6}, DType::f32);
  return problem;
}

TEST(ConvParts, AreAsFewAsDivideThePictures) {
  EXPECT_EQ(fewest_parts(1), 1);
  EXPECT_EQ(fewest_parts(2), 2);
  EXPECT_EQ(fewest_parts(15), 3);
  EXPECT_EQ(fewest_parts(16), 2);
  EXPECT_EQ(fewest_parts(13), 13);
  const ConvProblem part = part_of(problem_of(15), 3);
  EXPECT_EQ(part.x.shape.n, 5);
  EXPECT_EQ(part.y.shape.n, 5);
  EXPECT_EQ(part.x.layout, problem_of(15).x.layout);
}

TEST(ConvParts, FollowEachOtherInOneWorkspace) {
  std::vector<std::byte> x(10000), y(10000), weight(1), bias(1), workspace(1);
  std::vector<Noted> noted;
  PartsPlan plan(std::make_unique<NotingPlan>(noted), problem_of(6), 3);
  EXPECT_EQ(plan.workspace_bytes(), 640U);
  EXPECT_EQ(plan.seconds(), 0.75);
  plan.run({x.data(), weight.data(), y.data(), bias.data()}, workspace.data());
  ASSERT_EQ(noted.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    // Two pictures of 4 x 6 places: of twelve 16-bit channels, of sixteen of 32 bits.
    EXPECT_EQ(noted[i].memory.x, x.data() + i * 2 * 24 * 12 * 2);
    EXPECT_EQ(noted[i].memory.y, y.data() + i * 2 * 24 * 16 * 4);
    EXPECT_EQ(noted[i].memory.weight, weight.data());
    EXPECT_EQ(noted[i].memory.bias, bias.data());
    EXPECT_EQ(noted[i].workspace, workspace.data());
  }
}

TEST(ConvParts, AreNotForGradientsOfWeights) {
  std::vector<Noted> noted;
  ConvProblem problem = problem_of(6);
  EXPECT_ANY_THROW(PartsPlan(std::make_unique<NotingPlan>(noted), problem, 4));
  problem.pass = ConvPass::backward_weight;
  EXPECT_ANY_THROW(PartsPlan(std::make_unique<NotingPlan>(noted), problem, 3));
}

}  // namespace
}  // namespace hikaku::cuda
