// Small trainings on generated scenes, for tests of what they leave in their folder.
#pragma once

#include <gtest/gtest.h>
#include <omp.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "cpu/backend.h"
#include "data/synth.h"
#include "train/epoch_runner.h"

namespace hikaku::test {

inline constexpr std::int64_t scenes = 7, val_scenes = 3;

/// A data set and room for runs, made once a program.
class RunTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    // One algorithm and a file of its own for tuning: other programs change nothing here.
    setenv("XDG_CACHE_HOME", root().c_str(), 1);
    setenv("HIKAKU_CONV2D", "direct", 1);
    omp_set_num_threads(1);  // which wait for nobody where other tests run
    std::filesystem::remove_all(root());
    write_synth(root() / "scenes", {.train = scenes, .val = val_scenes, .threads = 2});
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(root()); }
  static std::filesystem::path root() {
    return std::filesystem::path(testing::TempDir()) / ("hikaku_run_" + std::to_string(getpid()));
  }
  /// One for all: another might choose other algorithms by its own timing.
  static Backend& backend() {
    static const std::unique_ptr<Backend> cpu = make_cpu_backend();
    return *cpu;
  }
  static EpochRunnerOptions options(std::int64_t epochs) {
    EpochRunnerOptions options;
    options.trainer.batch_size = 2;
    options.trainer.size = 32;
    options.trainer.workers = 2;
    options.trainer.seed = 5;
    options.epochs = epochs;
    options.provenance = {"batch-size = 2\n", {{"threads", "2"}}, 5};
    return options;
  }
  static constexpr UNetConfig network{3, 22, 8, 3};

  /// Trains to options.epochs in `folder`, from where what is there stopped.
  static void train(const std::filesystem::path& folder, const EpochRunnerOptions& options) {
    const RunFolder run(folder);
    Model model(network, backend(), true);
    model.initialise(options.trainer.seed);
    RunProgress progress;
    if (const auto found = run.find()) {
      restore(*found, model);
      progress = found->progress;
    }
    EpochRunner runner(model, open_dataset(root() / "scenes"), options, &run, progress,
                       [](const std::string&) {});
    (void)runner.run();
  }
};

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// What a training leaves, but for the times, is there in both folders and the same to the last
/// byte.
inline void expect_same_runs(const std::filesystem::path& a, const std::filesystem::path& b) {
  for (const char* name : {"last.safetensors", "last.state.safetensors", "best.safetensors",
                           "metrics.csv", "metrics.jsonl"}) {
    const std::string bytes = bytes_of(a / name);
    EXPECT_GT(bytes.size(), 100U) << name;
    EXPECT_TRUE(bytes == bytes_of(b / name)) << name;
  }
}

}  // namespace hikaku::test
