#include "tensor/arena.h"

#include <gtest/gtest.h>

#include "base/philox.h"

namespace hikaku {
namespace {

struct Buffer {
  std::size_t bytes;
  int first, last;
};

std::size_t rounded(std::size_t bytes) {
  return (bytes + ArenaPlan::alignment - 1) / ArenaPlan::alignment * ArenaPlan::alignment;
}

std::vector<Buffer> random_buffers(std::uint64_t seed) {
  Philox random(seed, RandomUse::check);
  std::vector<Buffer> buffers(1 + random.below(40));
  for (Buffer& buffer : buffers) {
    buffer.bytes = 1 + random.below(20 * ArenaPlan::alignment);
    buffer.first = static_cast<int>(random.below(20));
    buffer.last = buffer.first + static_cast<int>(random.below(6));
  }
  return buffers;
}

TEST(ArenaPlan, WhatLivesAtTheSameTimeNeverOverlaps) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const std::vector<Buffer> buffers = random_buffers(seed);
    ArenaPlan plan;
    std::size_t sum = 0;
    for (const Buffer& b : buffers) {
      plan.add(b.bytes, b.first, b.last);
      sum += rounded(b.bytes);
    }
    const std::size_t total = plan.finish();
    EXPECT_LE(total, sum);
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      const Buffer& a = buffers[i];
      EXPECT_EQ(plan.offset(i) % ArenaPlan::alignment, 0U);
      EXPECT_LE(plan.offset(i) + a.bytes, total);
      for (std::size_t k = 0; k < i; ++k) {
        const Buffer& b = buffers[k];
        if (a.last < b.first || b.last < a.first) continue;
        EXPECT_TRUE(plan.offset(i) + a.bytes <= plan.offset(k) ||
                    plan.offset(k) + b.bytes <= plan.offset(i))
            << "seed " << seed << ", buffers " << k << " and " << i;
      }
    }
  }
}

TEST(ArenaPlan, AChainNeedsTheRoomOfTwo) {
  ArenaPlan plan;
  for (int step = 0; step < 10; ++step) plan.add(3 * ArenaPlan::alignment, step, step + 1);
  EXPECT_EQ(plan.finish(), 6 * ArenaPlan::alignment);
}

TEST(ArenaPlan, WhatEndsWhereAnotherBeginsLivesBesideIt) {
  ArenaPlan plan;
  const std::size_t a = plan.add(1, 0, 3), b = plan.add(1, 3, 5), c = plan.add(1, 4, 5);
  EXPECT_EQ(plan.finish(), 2 * ArenaPlan::alignment);
  EXPECT_NE(plan.offset(a), plan.offset(b));
  EXPECT_NE(plan.offset(b), plan.offset(c));
  EXPECT_EQ(plan.offset(a), plan.offset(c));
}

TEST(ArenaPlan, NothingNeedsNothing) { EXPECT_EQ(ArenaPlan().finish(), 0U); }

}  // namespace
}  // namespace hikaku
