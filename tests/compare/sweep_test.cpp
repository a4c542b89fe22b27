#include "compare/sweep.h"

#include <gtest/gtest.h>

#include "../support/passing_backend.h"
#include "cpu/backend.h"
#include "cpu/blas/matmul.h"

namespace hikaku {
namespace {

TEST(Sweep, DoublesUpToTheLargestSize) {
  EXPECT_EQ(sweep_sizes(100), (std::vector<std::int64_t>{16, 32, 64, 100}));
  EXPECT_EQ(sweep_sizes(64), (std::vector<std::int64_t>{16, 32, 64}));
  EXPECT_EQ(sweep_sizes(3), (std::vector<std::int64_t>{3}));
}

TEST(Sweep, TimesEachSize) {
  const auto cpu = make_cpu_backend();
  int told = 0;
  const auto results = run_sweep(*cpu, make_cpu_matmul, DType::f32, {8, 64}, 0,
                                 [&](const std::string&, double done) {
                                   ++told;
                                   EXPECT_LT(done, 1);
                                 });
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(told, 2);
  EXPECT_EQ(results[1].n, 64);
  EXPECT_EQ(results[1].dtype, "f32");
  EXPECT_GE(results[1].seconds.values.size(), 5U);
  EXPECT_GT(results[1].seconds.min(), 0);
  EXPECT_TRUE(results[1].seconds_with_copies.values.empty());
}

TEST(Sweep, EndsBeforeASizeThatDoesNotFit) {
  const auto cpu = make_cpu_backend();
  const auto results = run_sweep(*cpu, make_cpu_matmul, DType::f32, {8, 1'000'000}, 0);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].n, 8);
}

TEST(Sweep, ItsCopiesGoTheWayOfTheProducts) {
  class Gpu final : public PassingBackend {
   public:
    [[nodiscard]] std::string name() const override { return "cuda:0"; }
    void upload(const void* host, void* device, std::size_t bytes) override {
      uploaded += bytes;
      PassingBackend::upload(host, device, bytes);
    }
    std::size_t uploaded = 0;
  } gpu;
  const auto results = run_sweep(gpu, make_cpu_matmul, DType::f32, {64}, 0);
  ASSERT_EQ(results.size(), 1U);
  const std::size_t samples = results[0].seconds_with_copies.values.size();
  EXPECT_GE(samples, 5U);
  EXPECT_EQ(gpu.uploaded, samples * 2 * 64 * 64 * sizeof(float));
}

}  // namespace
}  // namespace hikaku
