// `hikaku train` on a few generated scenes, for tests of the program.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "run_program.h"

namespace hikaku {

namespace fs = std::filesystem;

inline std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class TrainerProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    fs::remove_all(root());
    fs::create_directories(root());
    // One thread, which waits for nobody where other tests run; one algorithm: others round
    // otherwise.
    setenv("OMP_NUM_THREADS", "1", 1);
    setenv("OMP_WAIT_POLICY", "passive", 1);
    setenv("HIKAKU_CONV2D", "direct", 1);
    unsetenv("HIKAKU_DATA");  // it would win over config files
    ASSERT_EQ(run_program("data synth --train 12 --val 3 " + root() + "/scenes").status, 0);
  }
  static void TearDownTestSuite() { fs::remove_all(root()); }

  static std::string root() {
    return testing::TempDir() + "hikaku_trainer_program_" + std::to_string(getpid());
  }
  static std::string out(const std::string& name) { return root() + "/" + name; }
  /// On the device that the tests are run for, with the same bits each time.
  static std::string where() {
    return test_device().empty() ? "" : "--deterministic --device " + test_device() + " ";
  }
  /// A small training in the folder `name`.
  static std::string command(const std::string& name, const std::string& more = "") {
    return "train --lang en -q --data " + root() +
           "/scenes --size 64 --batch-size 2 --width 8 --levels 3 --out " + out(name) + " " +
           where() + more;
  }
  static Outcome train(const std::string& name, const std::string& more = "",
                       const std::string& before = "") {
    return run_program(command(name, more), before);
  }
  static void expect_same_runs(const std::string& a, const std::string& b) {
    for (const char* name : {"last.safetensors", "last.state.safetensors", "best.safetensors",
                             "metrics.csv", "metrics.jsonl"}) {
      const std::string bytes = bytes_of(out(a) + "/" + name);
      EXPECT_GT(bytes.size(), 100U) << name;
      EXPECT_TRUE(bytes == bytes_of(out(b) + "/" + name)) << name;
    }
  }
  /// Starts again and again, and ends each start by `signal` after some hundredths of a second,
  /// until one comes through. Returns how many did not.
  static int train_in_pieces(const std::string& name, const std::string& more,
                             const std::string& signal, const std::vector<int>& stopped) {
    int stops = 0;
    for (int start = 0; start < 400; ++start) {
      // A GPU is opened in about half a second.
      const double begin = test_device().empty() ? 0.06 : 0.6;
      // They become longer, so that one comes through on a busy machine, too.
      const double seconds = (begin + 0.01 * (start * 7 % 23)) * (1 + start / 40);
      const Outcome outcome = train(
          name, more + " --resume",
          "timeout --foreground --preserve-status -s " + signal + " " + std::to_string(seconds));
      if (outcome.status == 0) return stops;
      EXPECT_NE(std::find(stopped.begin(), stopped.end(), outcome.status), stopped.end())
          << outcome.status << outcome.err;
      ++stops;
    }
    ADD_FAILURE() << "it never came through";
    return stops;
  }
};

}  // namespace hikaku
