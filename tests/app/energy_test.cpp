// The energy of both devices, as a GPU's library and a folder of RAPL pretend to count it.
#include <atomic>
#include <chrono>
#include <cmath>
#include <fstream>
#include <thread>

#include "two_devices.h"

namespace hikaku {
namespace {

using Json = nlohmann::json;

class Counting : public TwoDevices {
 protected:
  void SetUp() override {
    TwoDevices::SetUp();
    place(HIKAKU_STUB_NVML_FILE, "libnvidia-ml.so.1");
    std::filesystem::create_directories(zone_);
    std::ofstream(zone_ / "name") << "package-0\n";
    std::ofstream(zone_ / "max_energy_range_uj") << "262143328850\n";
    std::ofstream(zone_ / "energy_uj") << "1\n";
    ASSERT_EQ(run("data synth --train 5 --val 3 " + data_).status, 0);
  }
  [[nodiscard]] std::string arguments(const char* seconds) const {
    return "compare --quick --n 48 --dtype f64,f32 --precision f32 --size 32 --batch-size 2 "
           "--data " +
           data_ + " --energy-seconds " + seconds;
  }
  [[nodiscard]] std::string powercap() const {
    return "HIKAKU_POWERCAP=" + (folder_ / "powercap").string() + " ";
  }
  const std::string data_ = (folder_ / "scenes").string();
  const std::filesystem::path zone_ = folder_ / "powercap" / "intel-rapl:0";
};

TEST_F(Counting, KeepsTheWattsOfProductAndEpochOnBothDevices) {
  std::atomic<bool> going = true;
  std::thread processor([&] {  // 50 W
    const auto start = std::chrono::steady_clock::now();
    while (going) {
      const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - start;
      std::ofstream(folder_ / "next") << static_cast<long long>(5e7 * gone.count()) << "\n";
      std::filesystem::rename(folder_ / "next", zone_ / "energy_uj");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  const Json result = run_to_json(arguments("1") + " --price 40 --currency EUR", powercap());
  going = false;
  processor.join();
  const Json& energy = result["energy"];
  EXPECT_EQ(energy["currency"], "EUR");
  ASSERT_EQ(energy["meters"].size(), 2u);
  EXPECT_EQ(energy["meters"][0]["source"], "RAPL: package-0");
  EXPECT_EQ(energy["meters"][1]["source"], "NVML: total energy");
  // On a busy machine the thread above comes late now and then, which is the only inexactness.
  EXPECT_NEAR(energy["meters"][0]["idle_watts"], 50, 15);
  EXPECT_NEAR(energy["meters"][1]["idle_watts"], 100, 5);
  // The CPU's product and epoch by one meter, the GPU's by two.
  ASSERT_EQ(energy["work"].size(), 6u);
  for (const Json& work : energy["work"]) {
    EXPECT_TRUE(work["meter"] == "cpu" || work["device"] == work["meter"]) << work;
    EXPECT_GE(work["seconds"], 1);
    const bool is_short = work["seconds"] < 5;  // where the machine is slow an epoch is not
    EXPECT_EQ(work["kind"], is_short ? "estimated" : "measured") << work;
    EXPECT_EQ(work["reason"], is_short ? "short_window" : "") << work;
    const double joules = work["joules"], seconds = work["seconds"], each = work["net_joules_each"];
    const double watts = work["meter"] == "cpu" ? 50 : 100;
    EXPECT_NEAR(joules / seconds, watts, 0.3 * watts) << work;
    EXPECT_LT(std::abs(each * work["works"].get<double>()), 0.5 * joules) << work;  // only idling
    EXPECT_DOUBLE_EQ(work["cost_each"], each / 3.6e6 * 40);
  }
}

TEST_F(Counting, WhatCannotBeCountedIsUnavailableAndSaysWhy) {
  const Json energy = run_to_json(arguments("0.1") + " --device cuda",
                                  powercap() + "HIKAKU_STUB_NVML=nothing")["energy"];
  EXPECT_EQ(energy["meters"][0]["kind"], "measured");
  EXPECT_EQ(energy["meters"][1]["kind"], "unavailable");
  EXPECT_EQ(energy["meters"][1]["reason"], "no_counter");
  ASSERT_EQ(energy["work"].size(), 2u);  // by the CPU's meter, which stands still
  for (const Json& work : energy["work"]) {
    EXPECT_EQ(work["kind"], "unavailable");
    EXPECT_EQ(work["reason"], "counter_stands");
    EXPECT_TRUE(work["joules"].is_null());
  }
}

TEST_F(Counting, InfoTellsWhatCanBeCounted) {
  const Outcome both = run("info", powercap());
  EXPECT_NE(
      both.out.find("  cpu: measured, RAPL: package-0\n  cuda:0: measured, NVML: total energy"),
      std::string::npos)
      << both.out;
  const Outcome none = run("info --lang ja", "HIKAKU_POWERCAP=/nowhere HIKAKU_STUB_NVML=nothing");
  for (const char* part : {"cpu の電力量は測れません", "cuda:0 の電力量は測れません"}) {
    EXPECT_NE(none.out.find(part), std::string::npos) << none.out;
  }
}

TEST_F(Counting, SamplesOfPowerAreAnEstimateAndTheTerminalTellsTheCure) {
  const std::string file = (folder_ / "r.json").string();
  const Outcome outcome = run("--lang ja " + arguments("0.3") + " --device cuda --json " + file,
                              "HIKAKU_POWERCAP=/nowhere HIKAKU_STUB_NVML=power");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const Json energy = Json::parse(std::ifstream(file))["energy"];
  EXPECT_EQ(energy["meters"][0]["reason"], "no_rapl");
  EXPECT_EQ(energy["meters"][1]["kind"], "estimated");
  EXPECT_NE(energy["meters"][1]["text"].get<std::string>().find("about a quarter"),
            std::string::npos);
  EXPECT_NEAR(energy["meters"][1]["idle_watts"], 250, 5);
  EXPECT_EQ(energy["work"].size(), 2u);
  for (const char* part :
       {"1 kWh = 31", "推定", "cpu の電力量は測れません", "実機で測ってください"}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n" << outcome.out;
  }
}

}  // namespace
}  // namespace hikaku
