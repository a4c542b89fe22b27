#include "measure/samples.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hikaku {
namespace {

TEST(Samples, MedianMinAndMadOfKnownValues) {
  const Samples odd{{5, 1, 9}};
  EXPECT_EQ(odd.median(), 5);
  EXPECT_EQ(odd.min(), 1);
  EXPECT_EQ(odd.mad(), 4);
  const Samples even{{4, 1, 3, 2}};
  EXPECT_EQ(even.median(), 2.5);
  EXPECT_EQ(even.mad(), 1.0);
}

TEST(Samples, OneOutlierMovesNeitherMedianNorMad) {
  const Samples samples{{1.0, 1.0, 1.1, 1.1, 1000.0}};
  EXPECT_EQ(samples.median(), 1.1);
  EXPECT_NEAR(samples.mad(), 0.1, 1e-12);
}

TEST(Samples, NothingMeasuredIsNotANumber) {
  EXPECT_TRUE(std::isnan(Samples{}.median()));
  EXPECT_TRUE(std::isnan(Samples{}.min()));
  EXPECT_TRUE(std::isnan(Samples{}.mad()));
  EXPECT_TRUE(std::isnan(ratio_of_medians({}, {{1}}).median));
}

TEST(RatioOfMedians, IsExactWithoutSpread) {
  const Interval ratio = ratio_of_medians({{8, 8, 8}}, {{2, 2, 2}});
  EXPECT_EQ(ratio.median, 4);
  EXPECT_EQ(ratio.low, 4);
  EXPECT_EQ(ratio.high, 4);
}

TEST(RatioOfMedians, OfWhatWasMeasuredOnceHasNoInterval) {
  const Interval ratio = ratio_of_medians({{8}}, {{2, 2, 2}});
  EXPECT_EQ(ratio.median, 4);
  EXPECT_TRUE(std::isnan(ratio.low) && std::isnan(ratio.high));
}

TEST(RatioOfMedians, HoldsTheRatioAndIsTheSameEachTime) {
  const Samples baseline{{10.0, 10.5, 9.8, 10.2, 11.0, 9.9, 10.1}};
  const Samples device{{1.0, 1.05, 0.97, 1.01, 1.02, 0.99, 1.2}};
  const Interval first = ratio_of_medians(baseline, device, 7);
  const Interval second = ratio_of_medians(baseline, device, 7);
  EXPECT_EQ(first.low, second.low);
  EXPECT_EQ(first.high, second.high);
  EXPECT_LT(first.low, first.median);
  EXPECT_GT(first.high, first.median);
  EXPECT_GT(first.low, 8.0);
  EXPECT_LT(first.high, 11.5);
}

TEST(RatioOfMedians, MoreSpreadWidensTheInterval) {
  const Interval calm = ratio_of_medians({{10, 10.1, 9.9, 10.05, 9.95}}, {{1, 1, 1, 1, 1}});
  const Interval wild = ratio_of_medians({{10, 15, 7, 12, 8}}, {{1, 1, 1, 1, 1}});
  EXPECT_GT(wild.high - wild.low, 5 * (calm.high - calm.low));
}

TEST(WarmUp, GoesOnUntilTheTimesAreSteady) {
  const WarmUp rule{.least_seconds = 1, .most_seconds = 5, .window_seconds = 0.25, .steady = 0.005};
  // Falls for two seconds, as a GPU's times do while its clock recovers.
  double spent = 0;
  const double sum = warm_up(rule, [&] {
    const double seconds = spent < 2 ? 0.02 - 0.002 * spent : 0.016;
    spent += seconds;
    return seconds;
  });
  EXPECT_DOUBLE_EQ(sum, spent);
  EXPECT_GT(sum, 2.2);
  EXPECT_LT(sum, 3.0);
}

TEST(WarmUp, TakesTheLeastWhereItIsSteadyAndTheMostWhereItNeverIs) {
  const WarmUp rule;
  EXPECT_NEAR(warm_up(rule, [] { return 0.01; }), rule.least_seconds, 0.02);
  double next = 0.01;
  EXPECT_NEAR(warm_up(rule, [&] { return next *= 1.01; }), rule.most_seconds, 0.1);
}

TEST(WarmUp, OneLongRunIsEnough) {
  int runs = 0;
  warm_up({}, [&] {
    ++runs;
    return 4.0;
  });
  EXPECT_EQ(runs, 1);
}

TEST(StoppingRule, TakesTheLeastThenStopsAtTheMostOrTheBudget) {
  const StoppingRule rule{3, 10, 1.0};
  EXPECT_TRUE(rule.goes_on(0, 0));
  EXPECT_TRUE(rule.goes_on(2, 100.0));   // the least comes first
  EXPECT_FALSE(rule.goes_on(3, 100.0));  // the budget is spent
  EXPECT_TRUE(rule.goes_on(9, 0.5));
  EXPECT_FALSE(rule.goes_on(10, 0.5));
}

TEST(TakeSamples, CallsInAlternation) {
  std::string calls;
  const auto measure = [&] {
    calls += 'w';
    return static_cast<double>(calls.size());
  };
  const Samples samples = collect_samples({2, 3, 60.0}, measure, [&] { calls += 'b'; });
  EXPECT_EQ(calls, "bwbwbw");
  EXPECT_EQ(samples.values, (std::vector<double>{2, 4, 6}));
}

TEST(TakeSamples, TimesEachCall) {
  const Samples samples = take_samples({2, 3, 60.0}, [] {});
  ASSERT_EQ(samples.values.size(), 3u);
  for (const double seconds : samples.values) EXPECT_GE(seconds, 0);
}

}  // namespace
}  // namespace hikaku
