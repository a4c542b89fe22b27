// Machines whose GPU cannot be used: one sentence with the cause and the cure; `auto` goes on with
// the CPU and says why, a GPU that was asked for is status 3 (7 where its memory is taken).
#include "two_devices.h"

namespace hikaku {
namespace {

struct Break {
  const char* name;
  const char* variables;  ///< of the run
  const char* says;
};

class BrokenGpu : public TwoDevices, public testing::WithParamInterface<Break> {
 protected:
  void SetUp() override {
    TwoDevices::SetUp();
    const std::string name = GetParam().name;
    if (name == "NoDriver") place(HIKAKU_STUB_NO_DRIVER_FILE, "libcuda.so.1");
    if (name == "NoDnn") place(HIKAKU_MODULE_OF_DNN, "libhikaku_cuda.so");
    if (name == "OtherDnn") {
      place(HIKAKU_MODULE_OF_DNN, "libhikaku_cuda.so");
      place(HIKAKU_STUB_DNN_OTHER, HIKAKU_STUB_DNN_NAME);
    }
    if (name == "NoModule") place("/dev/null", "libhikaku_cuda.so");
  }
};

TEST_P(BrokenGpu, IsStatusThreeWhereItWasAskedFor) {
  for (const char* command : {"matmul --n 16", "compare", "train", "bench step"}) {
    const Outcome outcome = run(std::string(command) + " --device cuda", GetParam().variables);
    EXPECT_EQ(outcome.status, 3) << outcome.out;
    expect_two_lines(outcome);
    EXPECT_NE(outcome.err.find(GetParam().says), std::string::npos) << outcome.err;
  }
}

TEST_P(BrokenGpu, AutoGoesOnWithTheCpuAndSaysWhy) {
  const Outcome outcome = run("matmul --n 16 --dtype f32 --json -",
                              std::string(GetParam().variables) + " timeout -s INT 1");
  EXPECT_TRUE(outcome.err.starts_with("note: no GPU is used: ")) << outcome.err;
  EXPECT_NE(outcome.err.find(GetParam().says), std::string::npos) << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(
    Ways, BrokenGpu,
    testing::Values(
        Break{"NoDriver", "", "it is no CUDA driver"},
        Break{"NoDevice", "HIKAKU_STUB_DRIVER=100", "sees no GPU"},
        Break{"DriverTooOldForTheGpu", "HIKAKU_STUB_DRIVER=803", "CUDA error 803"},
        Break{"DriverTooOldForTheModule", "HIKAKU_FAKE_GPU=old_driver",
              "supports CUDA 11.4; 13.0 is needed"},
        Break{"NoKernels", "HIKAKU_FAKE_GPU=no_kernels", "no kernels for this GPU"},
        Break{"NoModule", "", "libhikaku_cuda.so: cannot be opened"},
        Break{"NoDnn", "", HIKAKU_STUB_DNN_NAME ": not found; the GPU module needs it"},
        Break{"OtherDnn", "",
              "one of its libraries is of another version, for it lacks hikaku_stub_dnn_version"}),
    [](const auto& info) { return info.param.name; });

TEST_F(TwoDevices, TheResultSaysWhyThereIsNoGpu) {
  const auto with_old_driver =
      run_to_json("matmul --n 16 --dtype f32", "HIKAKU_FAKE_GPU=old_driver");
  EXPECT_EQ(with_old_driver["matmul"][0]["device"], "cpu");
  EXPECT_EQ(with_old_driver["machine"]["no_gpu"]["id"], "no_module");
}

TEST_F(TwoDevices, ALibraryThatIsThereIsLoaded) {  // else the two cases of it above prove nothing
  place(HIKAKU_MODULE_OF_DNN, "libhikaku_cuda.so");
  place(HIKAKU_STUB_DNN, HIKAKU_STUB_DNN_NAME);
  const Outcome outcome = run("matmul --n 16 --device cuda");
  EXPECT_NE(outcome.err.find("version 9 was loaded"), std::string::npos) << outcome.err;
}

TEST_F(TwoDevices, AFullMemoryIsStatusSevenAndNamesWhatFits) {
  const Outcome product =
      run("matmul --n 2000 --device cuda --dtype f32", "HIKAKU_FAKE_GPU_BYTES=1000000");
  EXPECT_EQ(product.status, 7);
  expect_two_lines(product);
  EXPECT_NE(product.err.find("fix: give --n 275 or less"), std::string::npos) << product.err;

  const std::string data = (folder_ / "scenes").string();
  ASSERT_EQ(run("data synth --train 40 --val 1 " + data).status, 0);
  const std::string train = "-q train --size 64 --device cuda --data " + data + " --batch-size ";
  const char* const memory = "HIKAKU_FAKE_GPU_BYTES=1100000000";
  const Outcome outcome = run(train + "40", memory);
  EXPECT_EQ(outcome.status, 7);
  expect_two_lines(outcome);
  EXPECT_NE(outcome.err.find("a batch of 40 pictures of 64 x 64 needs"), std::string::npos);
  std::smatch found;
  const std::regex advice("use --batch-size ([0-9]+) or less");
  ASSERT_TRUE(std::regex_search(outcome.err, found, advice)) << outcome.err;
  EXPECT_EQ(run(train + found[1].str(), memory).status, 0) << outcome.err;
}

class RealModule : public TwoDevices {
 protected:
  void SetUp() override {
    if (std::string(HIKAKU_REAL_MODULE).empty()) GTEST_SKIP() << "built without the GPU module";
    TwoDevices::SetUp();
    place(HIKAKU_REAL_MODULE, "libhikaku_cuda.so");
  }
};

TEST_F(RealModule, NamesTheDriverThatIsTooOldForIt) {
  const Outcome outcome = run("matmul --n 16 --device cuda", "HIKAKU_STUB_CUDA=11040");
  EXPECT_EQ(outcome.status, 3);
  expect_two_lines(outcome);
  EXPECT_NE(outcome.err.find("the NVIDIA driver supports CUDA 11.4; the GPU module was built for"),
            std::string::npos)
      << outcome.err;
}

TEST_F(RealModule, SaysThatADriverLacksWhatItNeeds) {
  const Outcome outcome = run("matmul --n 16 --device cuda", "HIKAKU_STUB_CUDA=99000");
  EXPECT_EQ(outcome.status, 3);
  expect_two_lines(outcome);
}

}  // namespace
}  // namespace hikaku
