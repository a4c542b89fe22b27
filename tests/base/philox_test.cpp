#include "base/philox.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace hikaku {
namespace {

/// The counter's high half is index ^ (use << 48): the stream whose high half is `high`.
Philox with_counter(std::uint64_t key, std::uint64_t high) {
  return {key, RandomUse::weights, high ^ (std::uint64_t{1} << 48)};
}

// The known answers of philox4x32-10 in Random123's kat_vectors.
TEST(Philox, GivesTheKnownAnswers) {
  using Block = std::array<std::uint32_t, 4>;
  EXPECT_EQ(with_counter(0, 0).block(0), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(with_counter(~std::uint64_t{0}, ~std::uint64_t{0}).block(~std::uint64_t{0}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(with_counter(0x299f31d0a4093822, 0x0370734413198a2e).block(0x85a308d3243f6a88),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, TheSequenceIsTheBlocksInOrder) {
  Philox random(5, RandomUse::check, 3);
  const Philox same = random;
  for (std::uint64_t block = 0; block < 3; ++block) {
    for (const std::uint32_t expected : same.block(block)) EXPECT_EQ(random(), expected);
  }
}

TEST(Philox, SeedsUsesAndIndicesHaveStreamsOfTheirOwn) {
  std::set<std::array<std::uint32_t, 4>> seen;
  std::size_t streams = 0;
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32}) {
    for (const RandomUse use : {RandomUse::weights, RandomUse::shuffle, RandomUse::bootstrap}) {
      for (const std::uint64_t index : {0, 1, 2}) {
        seen.insert(Philox(seed, use, index).block(0));
        ++streams;
      }
    }
  }
  EXPECT_EQ(seen.size(), streams);
}

// Four draws fall on three numbers here: without rejection every third would be twice as frequent;
// a remainder would prefer the lower part of the range.
TEST(Philox, BelowIsUnbiased) {
  const std::uint32_t bound = 0xC0000000;
  Philox random(1, RandomUse::check);
  constexpr int draws = 60000;
  std::vector<int> thirds(3), remainders(3);
  for (int i = 0; i < draws; ++i) {
    const std::uint32_t value = random.below(bound);
    ASSERT_LT(value, bound);
    ++thirds[value / (bound / 3)];
    ++remainders[value % 3];
  }
  // Five standard deviations of a third: sqrt(60000 * 1/3 * 2/3) = 115.
  for (const int count : thirds) EXPECT_NEAR(count, draws / 3.0, 577);
  for (const int count : remainders) EXPECT_NEAR(count, draws / 3.0, 577);
}

TEST(Philox, BelowReachesAllOfASmallRange) {
  Philox random(2, RandomUse::check);
  std::vector<int> counts(6);
  for (int i = 0; i < 6000; ++i) ++counts.at(random.below(6));
  for (const int count : counts) EXPECT_NEAR(count, 1000, 145);
  EXPECT_EQ(random.below(1), 0U);
}

TEST(Philox, UniformStaysBelowOne) {
  Philox random(3, RandomUse::check);
  double sum = 0, sum_double = 0;
  for (int i = 0; i < 10000; ++i) {
    const float a = random.uniform();
    const double b = random.uniform_double();
    ASSERT_TRUE(a >= 0 && a < 1 && b >= 0 && b < 1);
    sum += static_cast<double>(a);
    sum_double += b;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.015);
  EXPECT_NEAR(sum_double / 10000, 0.5, 0.015);
}

}  // namespace
}  // namespace hikaku
