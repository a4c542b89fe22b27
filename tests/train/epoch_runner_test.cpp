// Trainings that stop and go on leave the same bytes as those that do not.
#include "train/epoch_runner.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "run_files.h"

namespace hikaku {
namespace {

using test::bytes_of;
using test::expect_same_runs;

class EpochRunnerTest : public test::RunTest {
 protected:
  /// 4 epochs at once beside 1, then 2, then 4.
  static void expect_resumes(const std::string& name, const EpochRunnerOptions& all) {
    train(root() / (name + "_whole"), all);
    for (const std::int64_t epochs : {1, 2, 4}) {
      EpochRunnerOptions some = all;
      some.epochs = epochs;
      train(root() / (name + "_parts"), some);
    }
    expect_same_runs(root() / (name + "_whole"), root() / (name + "_parts"));
  }
};

TEST_F(EpochRunnerTest, EpochsInPartsAreTheSameBytes) { expect_resumes("plain", options(4)); }

TEST_F(EpochRunnerTest, SoAreTheyWithAllThatCanBeTurnedOn) {
  EpochRunnerOptions all = options(4);
  all.trainer.augment = {true, 20, 1.5, 0.6, 0.3};
  all.trainer.accumulate = 3;
  all.trainer.adam.weight_decay = 0.01;
  all.trainer.loss.ignore = void_label;
  all.trainer.schedule = {ScheduleKind::cosine, 0.5, 4};
  all.keep_every = 2;
  expect_resumes("all", all);
  EXPECT_TRUE(std::filesystem::exists(root() / "all_whole" / "epoch_0002.safetensors"));
  EXPECT_TRUE(std::filesystem::exists(root() / "all_whole" / "epoch_0004.state.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(root() / "all_whole" / "epoch_0003.safetensors"));
}

TEST_F(EpochRunnerTest, AKeptCheckpointIsOneToGoOnFrom) {
  EpochRunnerOptions keeping = options(4);
  keeping.keep_every = 2;
  train(root() / "kept", keeping);
  train(root() / "whole", keeping);
  for (const char* end : {".safetensors", ".state.safetensors"}) {
    std::filesystem::copy_file(root() / "kept" / (std::string("epoch_0002") + end),
                               root() / "kept" / (std::string("last") + end),
                               std::filesystem::copy_options::overwrite_existing);
  }
  train(root() / "kept", keeping);
  expect_same_runs(root() / "kept", root() / "whole");
}

TEST_F(EpochRunnerTest, ARowAnEpochThatOtherProgramsRead) {
  train(root() / "rows", options(3));
  std::istringstream csv(bytes_of(root() / "rows" / "metrics.csv"));
  std::string header, line;
  std::getline(csv, header);
  const auto columns = std::count(header.begin(), header.end(), ',');
  EXPECT_EQ(columns, 18 + 2 * 22);
  int rows = 0;
  while (std::getline(csv, line)) {
    EXPECT_EQ(std::count(line.begin(), line.end(), ','), columns);
    EXPECT_TRUE(line.starts_with(std::to_string(++rows) + ","));
    EXPECT_NE(line.find(",nan"), std::string::npos);  // aeroplanes are in no scene
  }
  EXPECT_EQ(rows, 3);
  std::istringstream jsonl(bytes_of(root() / "rows" / "metrics.jsonl"));
  for (rows = 0; std::getline(jsonl, line); ++rows) {
    const auto row = nlohmann::json::parse(line);
    EXPECT_EQ(row["epoch"], rows + 1);
    EXPECT_EQ(row["steps"], 4 * (rows + 1));
    std::int64_t pixels = 0;
    for (const auto& label : row["val"]["confusion"]) {
      for (const auto& count : label) pixels += count.get<std::int64_t>();
    }
    EXPECT_GT(pixels, 0.8 * test::val_scenes * 32 * 32);  // all but void
    EXPECT_LE(pixels, test::val_scenes * 32 * 32);
    EXPECT_TRUE(row["val"]["iou_by_class"][21].is_null());
  }
  EXPECT_EQ(rows, 3);
}

TEST_F(EpochRunnerTest, ALineThatWasCutShortIsWrittenAgain) {
  train(root() / "cut", options(2));
  train(root() / "uncut", options(3));
  const auto csv = root() / "cut" / "metrics.csv", jsonl = root() / "cut" / "metrics.jsonl";
  std::ofstream(csv, std::ios::app) << "3,12,0.00";
  std::ofstream(jsonl, std::ios::app) << "{\"epoch\":3,\"st";
  train(root() / "cut", options(3));
  EXPECT_EQ(bytes_of(csv), bytes_of(root() / "uncut" / "metrics.csv"));
  EXPECT_EQ(bytes_of(jsonl), bytes_of(root() / "uncut" / "metrics.jsonl"));
}

TEST_F(EpochRunnerTest, ALineThatFindsNoFileSaysWhy) {
  const auto folder = root() / "gone";
  std::filesystem::create_directories(folder);
  MetricsLog log(folder, Classes(), 0, [](const std::string&) {});
  const PhaseStats train;
  const EvalStats eval;
  log.add({1, 1, 0.1, &train, &eval});
  std::filesystem::remove_all(folder);
  try {
    log.flush();
    FAIL() << "it was written";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("No such file or directory"), std::string::npos)
        << error.what();
  }
}

TEST_F(EpochRunnerTest, OnlyItsOwnHalfWrittenFilesAreRemoved) {
  const auto folder = root() / "stale";
  std::filesystem::create_directories(folder);
  for (const char* name : {"notes.tmp", "mine.safetensors.tmp", "best.safetensors.tmp",
                           "epoch_0003.state.safetensors.tmp", "metrics.csv.tmp"}) {
    std::ofstream(folder / name) << "x";
  }
  train(folder, options(1));
  EXPECT_TRUE(std::filesystem::exists(folder / "notes.tmp"));
  EXPECT_TRUE(std::filesystem::exists(folder / "mine.safetensors.tmp"));
  for (const char* name :
       {"best.safetensors.tmp", "epoch_0003.state.safetensors.tmp", "metrics.csv.tmp"}) {
    EXPECT_FALSE(std::filesystem::exists(folder / name)) << name;
  }
}

TEST_F(EpochRunnerTest, BestIsTheEpochWithTheLargestMeanIou) {
  train(root() / "best", options(4));
  std::istringstream jsonl(bytes_of(root() / "best" / "metrics.jsonl"));
  double most = -1;
  std::int64_t epoch = 0;
  for (std::string line; std::getline(jsonl, line);) {
    const auto row = nlohmann::json::parse(line);
    if (row["val"]["mean_iou"].get<double>() <= most) continue;
    most = row["val"]["mean_iou"];
    epoch = row["epoch"];
  }
  const auto best = load_weights(root() / "best" / "best.safetensors");
  EXPECT_EQ(best.metadata.at("hikaku.epochs"), std::to_string(epoch));
  EXPECT_EQ(load_checkpoint(root() / "best" / "last.safetensors").progress.best_epoch, epoch);
}

TEST_F(EpochRunnerTest, AFolderHoldsOneTraining) {
  const RunFolder one(root() / "locked");
  EXPECT_THROW(RunFolder(root() / "locked"), Error);
}

}  // namespace
}  // namespace hikaku
