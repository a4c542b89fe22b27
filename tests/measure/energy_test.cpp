// Counters of energy: a folder in place of the kernel's, and windows over counters that are told
// what to count.
#include "measure/energy.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace hikaku {
namespace {

namespace fs = std::filesystem;

class Rapl : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    fs::permissions(folder_, fs::perms::all);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void zone(const std::string& folder, const std::string& name, const std::string& microjoules,
            const std::string& range = "262143328850") const {
    fs::create_directories(folder_ / folder);
    std::ofstream(folder_ / folder / "name") << name << "\n";
    std::ofstream(folder_ / folder / "max_energy_range_uj") << range << "\n";
    set(folder, microjoules);
  }
  void set(const std::string& folder, const std::string& microjoules) const {
    std::ofstream(folder_ / folder / "energy_uj") << microjoules << "\n";
  }
  [[nodiscard]] OpenMeter open() const { return open_rapl(folder_.string()); }

  const fs::path folder_ =
      fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(Rapl, CountsPackagesAndTheirMemoryButNothingTwice) {
  zone("intel-rapl:0", "package-0", "1000000");
  zone("intel-rapl:0:0", "core", "500000");
  zone("intel-rapl:0:1", "dram", "2000000");
  zone("intel-rapl:1", "package-1", "3000000");
  zone("intel-rapl:2", "psys", "9000000");
  zone("intel-rapl-mmio:0", "package-0", "1000000");
  const OpenMeter meter = open();
  EXPECT_EQ(meter.facts.device, "cpu");
  EXPECT_EQ(meter.facts.kind, "measured");
  EXPECT_EQ(meter.facts.source, "RAPL: package-0, package-1, dram");
  ASSERT_NE(meter.counter, nullptr);
  EXPECT_EQ(meter.counter->joules(), 0);
  for (const char* moved : {"intel-rapl:0:0", "intel-rapl:2", "intel-rapl-mmio:0"}) {
    set(moved, "99000000");
  }
  set("intel-rapl:0", "2000000");
  set("intel-rapl:0:1", "2500000");
  set("intel-rapl:1", "3250000");
  EXPECT_DOUBLE_EQ(meter.counter->joules(), 1 + 0.5 + 0.25);
}

TEST_F(Rapl, GoesOnWhereACounterWrapsAround) {
  zone("intel-rapl:0", "package-0", "9000000", "10000000");
  const OpenMeter meter = open();
  set("intel-rapl:0", "500000");
  EXPECT_DOUBLE_EQ(meter.counter->joules(), 1.5);
  set("intel-rapl:0", "400000");
  EXPECT_DOUBLE_EQ(meter.counter->joules(), 11.4);
}

TEST_F(Rapl, ACounterThatCanNoLongerBeReadIsNoNumber) {
  zone("intel-rapl:0", "package-0", "9000000");
  const OpenMeter meter = open();
  fs::remove(folder_ / "intel-rapl:0" / "energy_uj");
  EXPECT_TRUE(std::isnan(meter.counter->joules()));
  set("intel-rapl:0", "9500000");
  EXPECT_TRUE(std::isnan(meter.counter->joules()));
}

void expect_unavailable(const OpenMeter& meter, const std::string& reason) {
  EXPECT_EQ(meter.counter, nullptr);
  EXPECT_EQ(meter.facts.kind, "unavailable");
  EXPECT_EQ(meter.facts.reason, reason);
  EXPECT_FALSE(meter.facts.text.empty());
  EXPECT_FALSE(meter.facts.remedy.empty());
}

TEST_F(Rapl, SaysWhyItIsUnavailable) {
  expect_unavailable(open_rapl((folder_ / "nowhere").string()), "no_rapl");
  expect_unavailable(open(), "no_rapl");
  zone("intel-rapl:0", "package-0", "no number");
  expect_unavailable(open(), "unreadable");
}

TEST_F(Rapl, NamesTheCureWhereOnlyRootMayRead) {
  zone("intel-rapl:0", "package-0", "1");
  fs::permissions(folder_ / "intel-rapl:0" / "energy_uj", fs::perms::none);
  const bool root = geteuid() == 0;
  if (root && seteuid(65534) != 0) GTEST_SKIP() << "root cannot become another user";
  const OpenMeter meter = open();
  ASSERT_TRUE(!root || seteuid(0) == 0);
  expect_unavailable(meter, "no_permission");
  EXPECT_NE(meter.facts.remedy.find("chmod a+r"), std::string::npos);
}

/// Counts how often it is asked: a joule each time.
class Asked final : public EnergyCounter {
 public:
  double joules() override { return asked_++; }
  [[nodiscard]] double interval_seconds() const override { return 0.01; }

 private:
  double asked_ = 0;
};

EnergyMeters meters_of(std::unique_ptr<EnergyCounter> counter) {
  std::vector<OpenMeter> meters;
  meters.push_back({{.device = "cpu"}, std::move(counter)});
  meters.push_back({{.device = "cuda:0", .kind = "unavailable"}, nullptr});
  return EnergyMeters(std::move(meters));
}

TEST(EnergyMeters, ReadsWhileAWindowIsOpenAndOnlyThen) {
  EnergyMeters meters = meters_of(std::make_unique<Asked>());
  ASSERT_TRUE(meters.any());
  meters.measure_idle(0.2);
  const EnergyMeter& facts = meters.all()[0].facts;
  EXPECT_GE(facts.idle_seconds, 0.2);
  EXPECT_GT(facts.idle_watts * facts.idle_seconds, 1.5);  // not only at both ends
  EXPECT_TRUE(std::isnan(meters.all()[1].facts.idle_watts));
  meters.begin();
  const EnergyWindow first = meters.end();
  const double asked = meters.all()[0].counter->joules();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(meters.all()[0].counter->joules(), asked + 1);
  EXPECT_GE(first.joules[0], 1);
  EXPECT_TRUE(std::isnan(first.joules[1]));
}

TEST(EnergyMeters, WithoutACounterNothingIsRead) {
  EnergyMeters meters = meters_of(nullptr);
  EXPECT_FALSE(meters.any());
  meters.begin();
  EXPECT_TRUE(std::isnan(meters.end().joules[0]));
}

}  // namespace
}  // namespace hikaku
