#include "tensor/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hikaku {
namespace {

TEST(Half, EveryNumberIsItsOwnRounding) {
  for (std::uint32_t i = 0; i < 0x10000; ++i) {
    const auto bits = static_cast<std::uint16_t>(i);
    if (std::isnan(from_f16(bits))) {
      EXPECT_TRUE(std::isnan(from_f16(to_f16(from_f16(bits)))));
    } else {
      ASSERT_EQ(to_f16(from_f16(bits)), bits);
    }
    if (std::isnan(from_bf16(bits))) {
      EXPECT_TRUE(std::isnan(from_bf16(to_bf16(from_bf16(bits)))));
    } else {
      ASSERT_EQ(to_bf16(from_bf16(bits)), bits);
    }
  }
}

TEST(Half, KnownNumbers) {
  EXPECT_EQ(to_f16(1.0f), 0x3C00);
  EXPECT_EQ(to_f16(-2.0f), 0xC000);
  EXPECT_EQ(to_f16(65504.0f), 0x7BFF);
  EXPECT_EQ(from_f16(0x0001), 0x1p-24f);
  EXPECT_EQ(from_f16(0x0400), 0x1p-14f);
  EXPECT_EQ(to_bf16(1.0f), 0x3F80);
  EXPECT_EQ(from_bf16(0xC000), -2.0f);
}

TEST(Half, RoundsToTheNearestAndATieToTheEvenOne) {
  EXPECT_EQ(round_to(DType::f16, 1 + 0x1p-11f), 1.0f);
  EXPECT_EQ(round_to(DType::f16, 1 + 0x1.8p-10f), 1 + 0x1p-9f);
  EXPECT_EQ(round_to(DType::f16, 1 + 0x1.2p-11f), 1 + 0x1p-10f);
  EXPECT_EQ(round_to(DType::f16, 0x1.8p-25f), 0x1p-24f);
  EXPECT_EQ(round_to(DType::f16, 0x1p-25f), 0.0f);
  EXPECT_EQ(round_to(DType::f16, 2 - 0x1p-12f), 2.0f);
  EXPECT_EQ(round_to(DType::bf16, 1 + 0x1p-8f), 1.0f);
  EXPECT_EQ(round_to(DType::bf16, 1 + 0x1.8p-7f), 1 + 0x1p-6f);
  EXPECT_EQ(round_to(DType::f32, 1 + 0x1p-20f), 1 + 0x1p-20f);
}

TEST(Half, WhatIsTooLargeIsInfinite) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(round_to(DType::f16, 65519.0f), 65504.0f);
  EXPECT_EQ(round_to(DType::f16, 65520.0f), infinity);
  EXPECT_EQ(round_to(DType::f16, -1e30f), -infinity);
  EXPECT_EQ(round_to(DType::bf16, std::numeric_limits<float>::max()), infinity);
  EXPECT_EQ(round_to(DType::f16, infinity), infinity);
}

}  // namespace
}  // namespace hikaku
