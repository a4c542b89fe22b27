#include "train/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hikaku {
namespace {

TEST(Schedule, ConstantIsOne) {
  for (const std::int64_t step : {0, 5, 99, 200}) EXPECT_EQ(schedule_factor({}, step, 100), 1);
}

TEST(Schedule, CosineAndPolyFallFromOneToNearZero) {
  const Schedule cosine{ScheduleKind::cosine, 0, 10}, poly{ScheduleKind::poly, 0, 10};
  EXPECT_EQ(schedule_factor(cosine, 0, 20), 1);
  EXPECT_NEAR(schedule_factor(cosine, 100, 20), 0.5, 1e-12);
  EXPECT_NEAR(schedule_factor(poly, 100, 20), std::pow(0.5, 0.9), 1e-12);
  for (const Schedule& schedule : {cosine, poly}) {
    double before = 2;
    for (std::int64_t step = 0; step < 200; ++step) {
      const double factor = schedule_factor(schedule, step, 20);
      EXPECT_LT(factor, before);
      EXPECT_GT(factor, 0);
      before = factor;
    }
    EXPECT_LT(before, 0.01);
    EXPECT_EQ(schedule_factor(schedule, 200, 20), before);  // behind its end
  }
}

TEST(Schedule, TheWarmUpRisesLinearlyAndTheFallBeginsBehindIt) {
  const Schedule schedule{ScheduleKind::cosine, 0.5, 4};
  for (std::int64_t step = 0; step < 5; ++step) {
    EXPECT_DOUBLE_EQ(schedule_factor(schedule, step, 10), static_cast<double>(step + 1) / 5);
  }
  EXPECT_EQ(schedule_factor(schedule, 5, 10), 1);
  EXPECT_LT(schedule_factor(schedule, 6, 10), 1);
}

TEST(Schedule, AWarmUpLongerThanTheTrainingIsTheTraining) {
  const Schedule schedule{ScheduleKind::poly, 50, 2};
  EXPECT_DOUBLE_EQ(schedule_factor(schedule, 19, 10), 1);
  EXPECT_DOUBLE_EQ(schedule_factor(schedule, 9, 10), 0.5);
}

}  // namespace
}  // namespace hikaku
