#include "compare/fooled.h"

#include <gtest/gtest.h>

#include "../support/passing_backend.h"
#include "cpu/backend.h"
#include "cpu/blas/matmul.h"

namespace hikaku {
namespace {

TEST(Fooled, ACpuComputesWithinTheCall) {
  const auto cpu = make_cpu_backend();
  const auto timed = time_without_waiting(*cpu, make_cpu_matmul, {300, DType::f32}, 0);
  ASSERT_TRUE(timed.has_value());
  const FooledResult& fooled = *timed;
  EXPECT_EQ(fooled.id, "no_sync");
  EXPECT_EQ(fooled.device, "cpu");
  EXPECT_EQ(fooled.dtype, "f32");
  EXPECT_EQ(fooled.n, 300);
  EXPECT_GE(fooled.wrong.values.size(), 5U);
  EXPECT_EQ(fooled.wrong.values.size(), fooled.right.values.size());
  EXPECT_GT(fooled.wrong.median(), 0.2 * fooled.right.median());
}

UnetResult trained(std::int64_t batch_size, std::int64_t size) {
  UnetResult unet{"cpu", "f32", batch_size, size, {}, {}};
  unet.train.step_seconds.values = {8, 16};
  return unet;
}

TEST(Fooled, ABatchOfOneIsToldByThePicture) {
  const auto cpu = make_cpu_backend();
  const auto fooled = time_batch_of_one(*cpu, {}, trained(4, 32), 0);
  ASSERT_TRUE(fooled.has_value());
  EXPECT_EQ(fooled->id, "batch_1");
  EXPECT_EQ(fooled->n, 4);
  EXPECT_EQ(fooled->right.values, (std::vector<double>{2, 4}));
  EXPECT_GE(fooled->wrong.values.size(), 5U);
}

TEST(Fooled, ABatchOfOneIsLeftOutWhereItIsTheBatchOrCannotBe) {
  const auto cpu = make_cpu_backend();
  EXPECT_FALSE(time_batch_of_one(*cpu, {}, trained(1, 32), 0));
  EXPECT_FALSE(
      time_batch_of_one(*cpu, {}, trained(4, 16), 0));  // a single value a channel, deepest
  EXPECT_FALSE(time_batch_of_one(*cpu, {}, {"cpu", "f32", 4, 32, {}, {}}, 0));
}

TEST(Fooled, AProductThatDoesNotFitIsLeftOut) {
  const auto cpu = make_cpu_backend();
  EXPECT_FALSE(time_without_waiting(*cpu, make_cpu_matmul, {1'000'000, DType::f32}, 0));
}

TEST(Fooled, ABatchOfOneIsOfTheNetworkThatWasTrained) {
  class Device final : public PassingBackend {
   public:
    std::unique_ptr<HeadLoss> head_loss(const HeadLossParams& params) override {
      classes = params.classes;
      return PassingBackend::head_loss(params);
    }
    std::int64_t classes = 0;
  } device;
  const UNetConfig network{3, 3, 8, 4};
  EXPECT_TRUE(time_batch_of_one(device, network, trained(4, 32), 0));
  EXPECT_EQ(device.classes, 3);
}

}  // namespace
}  // namespace hikaku
