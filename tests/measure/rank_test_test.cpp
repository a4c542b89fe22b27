#include "measure/rank_test.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/philox.h"

namespace hikaku {
namespace {

using Values = std::vector<double>;

// The exact values are counted by hand: 2 of 20 orders of three and three, and so on. That with
// ties follows from U = 2.5 of 16 pairs and ties of 3 and 2: variance 16/12 (9 - 30/56), |U - 8| -
// 0.5.
TEST(MannWhitney, IsExactForFewValues) {
  EXPECT_NEAR(mann_whitney_p(Values{1, 2, 3}, Values{4, 5, 6}), 2.0 / 20, 1e-12);
  EXPECT_NEAR(mann_whitney_p(Values{1, 2, 3, 4, 5}, Values{6, 7, 8, 9, 10}), 2.0 / 252, 1e-12);
  EXPECT_NEAR(mann_whitney_p(Values{6, 7, 8, 9, 10}, Values{1, 2, 3, 4, 5}), 2.0 / 252, 1e-12);
  EXPECT_NEAR(mann_whitney_p(Values{1, 3, 5}, Values{2, 4, 6}), 0.7, 1e-12);
  EXPECT_EQ(mann_whitney_p(Values{1, 4}, Values{2, 3}), 1);
}

TEST(MannWhitney, ApproximatesWithTies) {
  EXPECT_NEAR(mann_whitney_p(Values{1, 2, 2, 3}, Values{2, 3, 4, 5}), 0.13665824773814744, 1e-12);
  EXPECT_EQ(mann_whitney_p(Values{1, 1, 1}, Values{1, 1, 1}), 1);
}

TEST(MannWhitney, NothingTellsNothing) {
  EXPECT_EQ(mann_whitney_p({}, Values{1}), 1);
  EXPECT_EQ(mann_whitney_p(Values{1}, {}), 1);
  EXPECT_EQ(mann_whitney_p(Values{1}, Values{2}), 1);
}

TEST(MannWhitney, ErrsAsOftenAsItSays) {
  Philox random(0, RandomUse::check);
  int found = 0;
  constexpr int trials = 1000;
  for (int trial = 0; trial < trials; ++trial) {
    Values first, second;
    for (int i = 0; i < 25; ++i) {
      first.push_back(random.uniform());
      second.push_back(random.uniform());
    }
    found += mann_whitney_p(first, second) < 0.05 ? 1 : 0;
  }
  EXPECT_NEAR(found / static_cast<double>(trials), 0.05, 0.02);
}

}  // namespace
}  // namespace hikaku
