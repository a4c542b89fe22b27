#include "compare/energy_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <thread>

namespace hikaku {
namespace {

EnergyMeter meter(const std::string& device, double idle_watts) {
  EnergyMeter meter{.device = device};
  meter.idle_watts = idle_watts;
  return meter;
}

TEST(JudgeEnergy, SubtractsIdlingAndSaysWhatOneCosts) {
  const EnergyResult one = judge_energy(meter("cpu", 20), 10, 1000, 4, 36);
  EXPECT_EQ(one.kind, "measured");
  EXPECT_EQ(one.joules, 1000);
  EXPECT_EQ(one.net_joules_each, (1000 - 200) / 4);
  EXPECT_DOUBLE_EQ(one.cost_each, 200 / 3.6e6 * 36);
}

TEST(JudgeEnergy, AShortWindowIsAnEstimate) {
  const EnergyResult one = judge_energy(meter("cpu", 20), 4.9, 1000, 1, 36);
  EXPECT_EQ(one.kind, "estimated");
  EXPECT_EQ(one.reason, "short_window");
  EXPECT_EQ(one.joules, 1000);
}

TEST(JudgeEnergy, ACounterThatStandsOrFailsTellsNothing) {
  for (const auto& [joules, reason] :
       {std::pair{0.0, "counter_stands"}, {std::nan(""), "counter_failed"}}) {
    const EnergyResult one = judge_energy(meter("cpu", 0), 10, joules, 1, 36);
    EXPECT_EQ(one.kind, "unavailable");
    EXPECT_EQ(one.reason, reason);
    EXPECT_TRUE(std::isnan(one.joules) && std::isnan(one.net_joules_each));
  }
}

/// A joule each time that it is asked, which takes a while.
class Asked final : public EnergyCounter {
 public:
  double joules() override {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return asked_++;
  }
  [[nodiscard]] double interval_seconds() const override { return 60; }

 private:
  double asked_ = 0;
};

std::vector<OpenMeter> three_meters() {
  std::vector<OpenMeter> meters;
  for (const char* device : {"cpu", "cuda:0", "cuda:1"}) {
    meters.push_back({meter(device, 0), std::make_unique<Asked>()});
  }
  return meters;
}

TEST(EnergyWatch, KeepsTheDevicesMeterAndThatOfTheCpuBesideIt) {
  EnergyReport report{31, "JPY", 0.05, {}, {}};
  EnergyWatch watch(three_meters(), report);
  ASSERT_TRUE(watch.on());
  watch.measure_idle();
  EXPECT_GT(report.meters[1].idle_watts, 0);
  int done = 0;
  watch.repeat("matmul", "cpu", "f32", [&] { ++done; });
  watch.repeat("matmul", "cuda:1", "f32", [] {});
  ASSERT_EQ(report.work.size(), 3U);
  EXPECT_EQ(report.work[0].meter, "cpu");
  EXPECT_EQ(report.work[0].works, done);
  EXPECT_GE(report.work[0].seconds, 0.05);
  EXPECT_EQ(report.work[1].meter, "cpu");
  EXPECT_EQ(report.work[2].meter, "cuda:1");
  EXPECT_EQ(report.work[2].device, "cuda:1");
}

TEST(EnergyWatch, SpendsNoTimeWhereNothingCanBeRead) {
  EnergyReport nothing{31, "JPY", 5, {}, {}}, unwanted{31, "JPY", 0, {}, {}};
  std::vector<OpenMeter> closed;
  closed.push_back({{.device = "cpu", .kind = "unavailable"}, nullptr});
  EnergyWatch blind(std::move(closed), nothing), off(three_meters(), unwanted);
  for (EnergyWatch* watch : {&blind, &off}) {
    EXPECT_FALSE(watch->on());
    watch->measure_idle();
    watch->repeat("matmul", "cpu", "f32", [] { FAIL(); });
  }
  EXPECT_TRUE(nothing.work.empty() && unwanted.work.empty());
  EXPECT_EQ(nothing.meters.size(), 1U);
}

}  // namespace
}  // namespace hikaku
