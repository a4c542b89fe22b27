#include "compare/speedups.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hikaku {
namespace {

MatmulResult product(const std::string& device, const std::string& dtype, double seconds) {
  MatmulResult result;
  result.device = device;
  result.dtype = dtype;
  result.seconds.values = {seconds, seconds, 1.1 * seconds};
  result.verified = true;
  return result;
}

UnetResult unet(const std::string& device, const std::string& precision, double seconds) {
  UnetResult result;
  result.device = device;
  result.precision = precision;
  result.train.seconds = 20 * seconds;
  result.train.step_seconds.values = {seconds, 1.2 * seconds};
  result.eval.seconds = 5 * seconds;
  result.eval.step_seconds.values = {seconds / 3, seconds / 4};
  return result;
}

const Speedup* find(const std::vector<Speedup>& all, const std::string& what) {
  for (const Speedup& one : all) {
    if (one.what == what) return &one;
  }
  return nullptr;
}

TEST(Speedups, PairLikeWithLikeThenTheBestThenAsInTheNotebook) {
  Result result;
  result.matmul = {product("cpu", "f64", 8), product("cpu", "f32", 4), product("cuda:0", "f64", 2),
                   product("cuda:0", "f32", 0.5), product("cuda:0", "fp8", 0.01)};
  result.unet = {unet("cpu", "f32", 6), unet("cuda:0", "f32", 0.1), unet("cuda:0", "bf16", 0.02)};
  const std::vector<Speedup> all = speedups(result);
  EXPECT_EQ(all.front().what, "matmul f32");
  EXPECT_DOUBLE_EQ(find(all, "matmul f32")->ratio.median, 8);
  EXPECT_DOUBLE_EQ(find(all, "matmul f64")->ratio.median, 4);
  EXPECT_DOUBLE_EQ(find(all, "matmul best")->ratio.median, 400);
  EXPECT_EQ(find(all, "matmul best")->device_precision, "fp8");
  EXPECT_NEAR(find(all, "train_step best")->ratio.median, 300, 1e-9);
  EXPECT_EQ(find(all, "train_step best")->kind, "best");
  EXPECT_EQ(all.back().what, "matmul notebook");
  EXPECT_DOUBLE_EQ(all.back().ratio.median, 16);
  for (const Speedup& one : all) {
    EXPECT_EQ(one.baseline, "cpu");
    EXPECT_EQ(one.device, "cuda:0");
  }
}

TEST(Speedups, WhatRanOnceHasNoInterval) {
  Result result;
  result.unet = {unet("cpu", "f32", 6), unet("cuda:0", "f32", 0.1)};
  const std::vector<Speedup> all = speedups(result);
  EXPECT_NEAR(find(all, "train f32")->ratio.median, 60, 1e-9);
  EXPECT_TRUE(std::isnan(find(all, "train f32")->ratio.low));
  EXPECT_LT(find(all, "train_step f32")->ratio.low, find(all, "train_step f32")->ratio.high);
  EXPECT_EQ(find(all, "train_step best"), nullptr);  // f32 on both: told already
}

TEST(Speedups, NeedTwoDevicesAndRightProducts) {
  Result result;
  result.matmul = {product("cpu", "f32", 4), product("cpu", "f64", 8)};
  EXPECT_TRUE(speedups(result).empty());
  result.matmul.push_back(product("cuda:0", "f32", 1));
  result.matmul.back().verified = false;
  EXPECT_TRUE(speedups(result).empty());
}

}  // namespace
}  // namespace hikaku
