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

TEST(E4m3, EveryNumberIsItsOwnRounding) {
  for (int i = 0; i < 0x100; ++i) {
    const auto bits = static_cast<std::uint8_t>(i);
    if (std::isnan(from_e4m3(bits))) {
      EXPECT_EQ(bits & 0x7F, 0x7F);
      EXPECT_TRUE(std::isnan(from_e4m3(to_e4m3(from_e4m3(bits)))));
    } else {
      ASSERT_EQ(to_e4m3(from_e4m3(bits)), bits);
    }
  }
}

TEST(E4m3, KnownNumbersAndRounding) {
  EXPECT_EQ(to_e4m3(1.0f), 0x38);
  EXPECT_EQ(to_e4m3(-3.0f), 0xC4);
  EXPECT_EQ(from_e4m3(0x7E), 448.0f);
  EXPECT_EQ(from_e4m3(0x01), 0x1p-9f);
  const auto rounded = [](float value) { return from_e4m3(to_e4m3(value)); };
  EXPECT_EQ(rounded(1 + 0x1p-4f), 1.0f);
  EXPECT_EQ(rounded(1 + 0x1.8p-3f), 1 + 0x1p-2f);
  EXPECT_EQ(rounded(0x1p-10f), 0.0f);
  EXPECT_EQ(rounded(0x1.8p-10f), 0x1p-9f);
  EXPECT_EQ(rounded(1e9f), 448.0f);
  EXPECT_EQ(rounded(-std::numeric_limits<float>::infinity()), -448.0f);
}

TEST(Arrays, GoToATypeAndBack) {
  const float numbers[] = {0.0f, -1.5f, 3.0f, 448.0f};
  for (const DType type : {DType::f32, DType::bf16, DType::f16, DType::u8}) {
    std::byte encoded[4 * sizeof(float)] = {};
    double back[4] = {};
    encode(numbers, 4, type, encoded);
    decode(encoded, 4, type, back);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(back[i], numbers[i]) << name_of(type);
  }
}

}  // namespace
}  // namespace hikaku
