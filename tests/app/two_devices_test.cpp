// The experiments on a CPU and a GPU that only pretends to be one (tests/device/fake_module.cpp).
#include "two_devices.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace hikaku {
namespace {

using Json = nlohmann::json;

std::vector<std::string> each(const Json& list, const char* name) {
  std::vector<std::string> found;
  for (const Json& item : list) found.push_back(item[name]);
  return found;
}

std::int64_t count(const std::vector<std::string>& all, const std::string& one) {
  return std::count(all.begin(), all.end(), one);
}

using Names = std::vector<std::string>;

TEST_F(TwoDevices, AGpuMultipliesInAllItsTypes) {
  const Json result = run_to_json("matmul --n 48 --device cuda");
  EXPECT_EQ(each(result["matmul"], "dtype"),
            (Names{"f64", "f32", "f32x", "tf32", "f16", "bf16", "fp8"}));
  for (const Json& product : result["matmul"]) {
    EXPECT_EQ(product["device"], "cuda:0");
    EXPECT_TRUE(product["verified"]) << product;
    EXPECT_GE(product["seconds_with_copies"]["samples"].size(), 3u);
    EXPECT_EQ(product["peak_kind"], "theoretical");
  }
  EXPECT_EQ(result["machine"]["gpus"][0]["name"], "A stub of a GPU");
  EXPECT_EQ(result["machine"]["gpus"][0]["architecture"], "sm_90");
  EXPECT_TRUE(result["machine"]["no_gpu"].empty());
}

TEST_F(TwoDevices, AGpuHasThePeakOfItsData) {
  const auto peaks = [this](const std::string& variables) {
    const Json result = run_to_json("matmul --n 16 --device cuda --dtype f32,f32x,f16", variables);
    EXPECT_EQ(count(each(result["caveats"], "id"), "impossible_rate"), 0);
    std::vector<double> found;
    for (const Json& product : result["matmul"]) {
      const Json& peak = product["peak_flops_per_second"];
      const double rate = peak.is_null() ? 0 : peak.get<double>();
      EXPECT_EQ(product["fraction_of_peak"].is_null(), rate == 0);
      found.push_back(std::round(rate / 1e11) / 10);
    }
    return found;
  };
  place(HIKAKU_STUB_NO_DRIVER_FILE, "libnvidia-ml.so.1");  // the typical clock
  EXPECT_EQ(peaks(""), (std::vector{61.8, 329.8, 989.4}));
  place(HIKAKU_STUB_NVML_FILE, "libnvidia-ml.so.1");  // the highest
  EXPECT_EQ(peaks(""), (std::vector{66.9, 356.8, 1070.5}));
  EXPECT_EQ(peaks("HIKAKU_STUB_MINOR=7"), (std::vector{0.0, 0.0, 0.0}));
}

TEST_F(TwoDevices, BothMultiplyWhatTheyHaveAndTheSpeedupsAreLabelled) {
  const Json result = run_to_json("matmul --n 48 --device cpu,cuda --dtype f64,f32,fp8");
  EXPECT_EQ(each(result["matmul"], "device"), (Names{"cpu", "cpu", "cuda:0", "cuda:0", "cuda:0"}));
  EXPECT_TRUE(result["matmul"][0]["seconds_with_copies"]["samples"].empty());
  const auto& speedups = result["speedups"];
  EXPECT_EQ(speedups[0]["what"], "matmul f32");
  EXPECT_EQ(speedups[0]["kind"], "like_with_like");
  EXPECT_LE(speedups[0]["ratio"]["low"], speedups[0]["ratio"]["median"]);
  EXPECT_EQ(speedups[1]["what"], "matmul f64");
  EXPECT_EQ(speedups.back()["kind"], "notebook");
  EXPECT_EQ(speedups.back()["baseline_precision"], "f64");
  EXPECT_EQ(speedups.back()["device_precision"], "f32");
}

TEST_F(TwoDevices, ATypeThatTheGpuLacksIsACaveatUnlessItWasAskedFor) {
  const Json result = run_to_json("matmul --n 32 --device cuda", "HIKAKU_FAKE_GPU=turing");
  EXPECT_EQ(each(result["matmul"], "dtype"), (Names{"f64", "f32", "f32x", "f16"}));
  EXPECT_EQ(count(each(result["caveats"], "id"), "not_on_this_gpu"), 3);
  const Outcome asked = run("matmul --n 32 --device cuda --dtype fp8", "HIKAKU_FAKE_GPU=turing");
  EXPECT_EQ(asked.status, 2);
  EXPECT_NE(asked.err.find("fp8: not on this GPU"), std::string::npos) << asked.err;
}

TEST_F(TwoDevices, TheSweepHasBothDevicesAtTheSameSizes) {
  const Json result = run_to_json("matmul --n 48 --device cpu,cuda --dtype f32 --sweep");
  std::map<std::string, std::vector<int>> sizes;
  for (const Json& point : result["sweep"]) {
    sizes[point["device"]].push_back(point["n"]);
    EXPECT_EQ(point["seconds_with_copies"]["samples"].empty(), point["device"] == "cpu");
  }
  EXPECT_EQ(sizes["cpu"], (std::vector{16, 32, 48}));
  EXPECT_EQ(sizes["cuda:0"], sizes["cpu"]);
}

TEST_F(TwoDevices, AWrongProductIsAFailure) {
  const Outcome outcome =
      run("matmul --n 32 --device cuda --dtype f32 --json -", "HIKAKU_FAKE_GPU=product");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_FALSE(Json::parse(outcome.out)["matmul"][0]["verified"]);
}

class Comparing : public TwoDevices {
 protected:
  void SetUp() override {
    TwoDevices::SetUp();
    ASSERT_EQ(run("data synth --train 5 --val 3 " + data_).status, 0);
  }
  [[nodiscard]] std::string arguments() const {
    return "compare --quick --n 48 --dtype f64,f32 --size 32 --batch-size 2 --data " + data_;
  }
  const std::string data_ = (folder_ / "scenes").string();
};

TEST_F(Comparing, ShowsBothDevicesAndProvesTheSameWork) {
  const Json result = run_to_json(arguments());
  EXPECT_EQ(each(result["unet"], "device"), (Names{"cpu", "cuda:0", "cuda:0"}));
  EXPECT_EQ(each(result["unet"], "precision"), (Names{"f32", "f32", "bf16"}));
  const Json& same = result["same_work"];
  EXPECT_EQ(same["baseline"], "cpu");
  EXPECT_EQ(same["device"], "cuda:0");
  EXPECT_TRUE(same["same_initial_weights"]);
  EXPECT_TRUE(same["same_batches"]);
  EXPECT_EQ(same["product_type"], "f32");
  EXPECT_LE(same["largest_product_difference"], same["product_limit"]);
  ASSERT_EQ(same["training"].size(), 2u);
  for (const Json& training : same["training"]) {
    EXPECT_EQ(training["losses"].size(), 3u);
    EXPECT_TRUE(training["within"]) << training;
    EXPECT_TRUE(std::isfinite(training["checkpoint_gap"].get<double>()));
  }
  EXPECT_EQ(count(each(result["caveats"], "id"), "different_work"), 0);
  EXPECT_EQ(each(result["bandwidth"], "device"), (Names{"cpu", "cuda:0"}));
  EXPECT_EQ(each(result["bandwidth"], "how"), (Names{"triad", "copy"}));
  EXPECT_EQ(count(each(result["fooled"], "id"), "batch_1"), 2);
  for (const Json& unet : result["unet"]) {
    const Json& profile = unet["train"]["profile"];
    EXPECT_EQ(profile["steps"], 1) << unet["device"];  // of two full batches
    for (const char* phase : {"decode", "wait", "copy", "forward", "loss", "backward", "adam"}) {
      EXPECT_TRUE(profile["phase_seconds"].contains(phase)) << phase;
    }
    EXPECT_GT(profile["over_unprofiled"], 0);
    EXPECT_GT(unet["train"]["step_flops"], 0);
  }
  const auto what = each(result["speedups"], "what");
  for (const char* name : {"matmul f32", "train_step f32", "eval_step f32", "train f32", "eval f32",
                           "matmul notebook"}) {
    EXPECT_EQ(count(what, name), 1) << name;
  }
}

TEST_F(Comparing, ShowsEachOfTwoGpusBesideTheCpu) {
  const Json result = run_to_json(
      "compare --quick --n 48 --dtype f32 --precision f32 --size 32 --batch-size 2 "
      "--device cpu,cuda:0,cuda:1 --data " +
          data_,
      "HIKAKU_STUB_GPUS=2");
  EXPECT_EQ(result["machine"]["gpus"].size(), 2u);
  const Names all{"cpu", "cuda:0", "cuda:1"};
  EXPECT_EQ(each(result["matmul"], "device"), all);
  EXPECT_EQ(each(result["unet"], "device"), all);
  EXPECT_EQ(each(result["same_work"]["training"], "device"), (Names{"cuda:0", "cuda:1"}));
  for (const Json& training : result["same_work"]["training"]) EXPECT_TRUE(training["within"]);
  for (const char* device : {"cuda:0", "cuda:1"}) {
    EXPECT_EQ(count(each(result["fooled"], "device"), device), 2) << device;
    EXPECT_EQ(count(each(result["speedups"], "device"), device), 5) << device;
  }
}

TEST_F(Comparing, TimesTheGpuAlsoWithoutWaitingAsTheNotebookDoes) {
  const Json result = run_to_json(arguments() + " --precision f32");
  const auto ids = each(result["fooled"], "id");
  ASSERT_EQ(count(ids, "no_sync"), 1);
  const Json& fooled =
      result["fooled"]
            [static_cast<std::size_t>(std::find(ids.begin(), ids.end(), "no_sync") - ids.begin())];
  EXPECT_EQ(fooled["device"], "cuda:0");
  EXPECT_EQ(fooled["dtype"], "f32");
  EXPECT_EQ(fooled["n"], 48);
  EXPECT_LT(fooled["wrong_seconds"]["median"].get<double>(),
            0.3 * fooled["right_seconds"]["median"].get<double>());
}

TEST_F(Comparing, NoticesWorkThatDiffers) {
  const Json result = run_to_json(arguments() + " --precision f32", "HIKAKU_FAKE_GPU=adam");
  const Json& same = result["same_work"];
  ASSERT_EQ(same["training"].size(), 1u);
  EXPECT_EQ(same["training"][0]["loss_differences"][0], 0);  // before the first step of Adam
  EXPECT_GT(same["largest_loss_difference"], 1e-4);
  EXPECT_FALSE(same["training"][0]["within"]);
  EXPECT_LE(same["training"][0]["checkpoint_gap"], 1e-4);  // the same weights on both
  EXPECT_EQ(count(each(result["caveats"], "id"), "different_work"), 1);
}

TEST_F(Comparing, TellsItOnTheTerminal) {
  const Outcome outcome =
      run("--lang ja " + arguments() + " --precision f32 --json " + (folder_ / "r.json").string());
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  for (const char* part :
       {"GPU を待たない", "倍速い", "コピー込み", "cuda:0 対 cpu、同じ精度どうし",
        "同じ計算をしたか", "同じ画像を同じ順番で：はい"}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n" << outcome.out;
  }
}

TEST_F(Comparing, AutoTrainsOnTheGpuInItsBestOfTheAccuratePrecisions) {
  const std::string train = "train --size 32 --batch-size 3 --data " + data_;
  const Json result = run_to_json(train);
  EXPECT_EQ(result["unet"][0]["device"], "cuda:0");
  EXPECT_EQ(result["unet"][0]["precision"], "tf32");
  const Json turing = run_to_json(train, "HIKAKU_FAKE_GPU=turing");
  EXPECT_EQ(turing["unet"][0]["precision"], "f32");
}

TEST_F(Comparing, OnOneDeviceHasNoSpeedup) {
  const Json result = run_to_json(arguments() + " --device cpu");
  EXPECT_EQ(each(result["unet"], "device"), (Names{"cpu"}));
  EXPECT_TRUE(result["speedups"].empty());
  EXPECT_TRUE(result["same_work"].empty());
}

TEST_F(Comparing, WhatWasMeasuredIsShownEvenIfTheGpuFailsLater) {
  const Outcome outcome = run(arguments() + " --json " + (folder_ / "result.json").string(),
                              "HIKAKU_FAKE_GPU_BYTES=100000000");
  EXPECT_EQ(outcome.status, 7);
  EXPECT_NE(outcome.out.find("n = 48"), std::string::npos) << outcome.out;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "result.json"));
}

TEST_F(TwoDevices, ATrainingOnAGpuGoesOnToTheSameBytes) {
  const std::string scenes = testing::TempDir() + "hikaku_two_resume";
  std::filesystem::remove_all(scenes);
  ASSERT_EQ(run("data synth --train 4 --val 2 " + scenes).status, 0);
  const std::string train =
      "train -q --device cuda --precision f16 --size 32 --batch-size 2 --width 8 "
      "--levels 3 --threads 1 --data " +
      scenes + " --out " + scenes;
  ASSERT_EQ(run(train + "/whole --epochs 5").status, 0);
  ASSERT_EQ(run(train + "/parts --epochs 1").status, 0);
  const Outcome lost = run(train + "/parts --epochs 5 --resume", "HIKAKU_FAKE_GPU=lost");
  EXPECT_EQ(lost.status, 3);
  expect_two_lines(lost);
  const std::string way_on = "; then go on with: hikaku train --out " + scenes + "/parts --resume";
  EXPECT_NE(lost.err.find(way_on), std::string::npos) << lost.err;
  ASSERT_EQ(run(train + "/parts --epochs 5 --resume").status, 0);
  const auto bytes = [&](const std::string& name) {
    std::ifstream stream(scenes + name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  for (const char* name : {"/last.safetensors", "/last.state.safetensors", "/metrics.csv"}) {
    EXPECT_GT(bytes(std::string("/whole") + name).size(), 100U);
    EXPECT_TRUE(bytes(std::string("/whole") + name) == bytes(std::string("/parts") + name)) << name;
  }
  // A CPU reads what a GPU wrote, and says what is other than before.
  const Outcome other =
      run("train --lang en --resume --epochs 6 --device cpu --precision f32 --threads 1 "
          "--out " +
          scenes + "/parts");
  EXPECT_EQ(other.status, 0) << other.err;
  EXPECT_NE(other.err.find("device 'cpu', was 'cuda:0'"), std::string::npos) << other.err;
  std::filesystem::remove_all(scenes);
}

}  // namespace
}  // namespace hikaku
