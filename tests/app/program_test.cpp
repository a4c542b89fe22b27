// The program as its users meet it: exit statuses, streams, and the two lines of every error.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "run_program.h"

namespace hikaku {
namespace {

TEST(Program, NoArgumentsAndHelpPrintAnExampleFirst) {
  for (const char* arguments : {"--lang en", "--lang en --help", "--lang en data check --help"}) {
    const Outcome outcome = run_program(arguments);
    EXPECT_EQ(outcome.status, 0) << arguments;
    EXPECT_TRUE(outcome.out.starts_with("Example:\n  hikaku ")) << outcome.out;
    EXPECT_EQ(outcome.err, "");
  }
}

TEST(Program, HelpFitsIntoEightyColumnsAndNamesTheFiles) {
  for (const char* arguments : {"", "compare", "matmul", "train", "bench step", "report", "diff"}) {
    const Outcome outcome = run_program(std::string("--lang en --help ") + arguments);
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  }
  const Outcome japanese = run_program("--lang ja report --help");
  EXPECT_EQ(japanese.out.find("Options:"), std::string::npos) << japanese.out;
  EXPECT_NE(run_program("--lang en report --help").out.find("\nFiles:\n  FILE... "),
            std::string::npos);
}

TEST(Program, TheLocaleChoosesTheLanguageAndTheOptionWins) {
  EXPECT_TRUE(run_program("", "LC_ALL=ja_JP.UTF-8").out.starts_with("例:"));
  EXPECT_TRUE(run_program("--lang=en", "LC_ALL=ja_JP.UTF-8").out.starts_with("Example:"));
  EXPECT_TRUE(run_program("", "LC_ALL=C HIKAKU_LANG=ja").out.starts_with("例:"));
}

TEST(Program, VersionNamesTheProgram) {
  const Outcome outcome = run_program("--version");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_TRUE(std::regex_search(outcome.out, std::regex("^hikaku [0-9]+\\.[0-9]+\\.[0-9]+ \\(")));
}

struct UsageError {
  const char* arguments;
  const char* says;
};

class Usage : public testing::TestWithParam<UsageError> {};

TEST_P(Usage, IsStatusTwoAndTwoLines) {
  const Outcome outcome = run_program(GetParam().arguments);
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.out, "");
  expect_two_lines(outcome);
  EXPECT_NE(outcome.err.find(GetParam().says), std::string::npos) << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(
    Arguments, Usage,
    testing::Values(UsageError{"inof", "did you mean 'info'?"},
                    UsageError{"data chekc", "did you mean 'check'?"},
                    UsageError{"data", "no command follows it; allowed: synth"},
                    UsageError{"info --jsno -", "did you mean '--json'?"},
                    UsageError{"info --json", "--json: no value follows it"},
                    UsageError{"info surplus", "surplus: no such argument"},
                    UsageError{"info -- surplus", "surplus: no such argument"},
                    UsageError{"-- inof", "did you mean 'info'?"},
                    UsageError{"''", "'': no such command"},
                    UsageError{"info --quiet=maybe", "--quiet: found 'maybe'; allowed is 1 or 0"},
                    UsageError{"report", "report: no file follows it"},
                    UsageError{"data synth ''", "--out: found ''; allowed is the name of a folder"},
                    UsageError{"predict a b --out ''", "--out: found ''"},
                    UsageError{"export a --out ''", "--out: found ''"},
                    UsageError{"export a --out ./a", "./a: this command also"},
                    UsageError{"train --weights a --json ./a", "./a: this command also"},
                    UsageError{"matmul --device cuda:4294967295", "--device: found 'cuda:42949"},
                    UsageError{"compare --json a --report ./a", "./a: this command also"},
                    UsageError{"--lang fr", "--lang: found 'fr'; allowed is ja, en"},
                    UsageError{"--color maybe info", "--color: found 'maybe'"},
                    UsageError{"data synth --train 0",
                               "found '0'; allowed is a whole number from 1"},
                    UsageError{"data synth --train 3x", "found '3x'"},
                    UsageError{"data synth --train 99999999999999999999", "found '999"},
                    UsageError{"data synth --train ''", "found ''"},
                    UsageError{"matmul --dtype f64,f31", "allowed is a list of f64, f32"},
                    UsageError{"train --lr nan", "--lr: found 'nan'"},
                    UsageError{"train --size 100", "allowed is a multiple of 16"},
                    UsageError{"train --precision f16", "cpu computes in f32"}));

TEST(Program, AVariableIsNamedWhenItIsToBlame) {
  const Outcome outcome = run_program("data synth", "HIKAKU_TRAIN=many");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("HIKAKU_TRAIN: found 'many'"), std::string::npos) << outcome.err;
}

TEST(Program, AnOptionWinsOverItsVariable) {
  const Outcome outcome =
      run_program("data check --data /none-option", "HIKAKU_DATA=/none-variable");
  EXPECT_EQ(outcome.status, 4);
  EXPECT_NE(outcome.err.find("/none-option"), std::string::npos) << outcome.err;
}

TEST(Program, TheErrorOfAFullOrClosedStdoutIsToldWithStatusFour) {
  for (const char* target : {">/dev/full", ">&-"}) {
    const Outcome outcome = run_program(std::string("--version ") + target);
    EXPECT_EQ(outcome.status, 4) << target;
    expect_two_lines(outcome);
  }
}

TEST(Program, AReaderWhoLeavesIsAnErrorNotASignal) {
  // The reader ends before the program begins; PIPESTATUS is the program's.
  const Outcome outcome = run_program("", "bash -c '(sleep 0.2; \"$@\"; echo $? >&2) | true' -");
  EXPECT_NE(outcome.err.find("error: stdout: Broken pipe"), std::string::npos) << outcome.err;
  EXPECT_TRUE(outcome.err.ends_with("4\n")) << outcome.err;
}

TEST(Program, ColorOnlyWhereAsked) {
  EXPECT_EQ(run_program("inof").err.find('\x1b'), std::string::npos);
  EXPECT_NE(run_program("--color always inof").err.find('\x1b'), std::string::npos);
}

class Scenes : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    ASSERT_EQ(run_program("data synth --train 3 --val 2 " + folder_).status, 0);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  const std::string folder_ = testing::TempDir() + "hikaku_scenes_" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(Scenes, PassTheCheckAndJsonStandsAloneOnStdout) {
  const Outcome outcome = run_program("data check --json - " + folder_);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto report = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(report["pairs"], 5);
  EXPECT_EQ(report["findings"].size(), 0u);
}

TEST_F(Scenes, ADamagedFileIsNamedWithStatusFour) {
  const std::string broken = folder_ + "/JPEGImages/scene_000002.jpg";
  std::filesystem::resize_file(broken, std::filesystem::file_size(broken) / 2);
  const Outcome outcome = run_program("data check " + folder_);
  EXPECT_EQ(outcome.status, 4);
  EXPECT_NE(outcome.out.find("scene_000002.jpg: "), std::string::npos) << outcome.out;
  expect_two_lines(outcome);
}

TEST(Program, InfoIsAResultWithoutMeasurements) {
  const Outcome outcome = run_program("info --json -");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto result = nlohmann::json::parse(outcome.out);
  EXPECT_GE(result["machine"]["cpu"]["threads"], 1);
  EXPECT_TRUE(result["machine"]["libraries"].contains("oneDNN"));
  EXPECT_TRUE(result["matmul"].empty());
}

TEST(Program, MatmulKeepsEverySampleInItsResult) {
  const Outcome outcome = run_program("matmul --n 64 --dtype f32 --threads 1 --seed 3 --json -");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto result = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(result["seed"], 3);
  ASSERT_EQ(result["matmul"].size(), 1u);
  EXPECT_EQ(result["matmul"][0]["dtype"], "f32");
  EXPECT_TRUE(result["matmul"][0]["verified"]);
  EXPECT_GE(result["matmul"][0]["seconds"]["samples"].size(), 5u);
}

TEST(Program, ATypeThatIsNamedTwiceIsMeasuredOnce) {
  const Outcome outcome =
      run_program("matmul --n 8 --dtype f32,f64,f32 --samples 1 --threads 1 --json -");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["matmul"].size(), 2u);
}

TEST(Program, AJsonFileThatCannotBeWrittenIsRefusedBeforeAnythingIsMeasured) {
  const Outcome outcome = run_program("matmul --n 64 --dtype f32 --json /nonexistent/x.json");
  EXPECT_EQ(outcome.status, 4);
  EXPECT_EQ(outcome.out, "");
  expect_two_lines(outcome);
}

TEST(Program, BenchStepTimesTrainingAndEvaluation) {
  const Outcome outcome =
      run_program("bench step --size 32 --batch-size 1 --threads 1 -q --json -");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  const auto bench = nlohmann::json::parse(outcome.out)["bench"];
  ASSERT_EQ(bench.size(), 2u);
  EXPECT_EQ(bench[0]["what"], "train_step");
  EXPECT_EQ(bench[1]["what"], "eval_step");
}

TEST(Program, AMissingGpuIsStatusThree) {
  const Outcome outcome = run_program("matmul --n 8 --device cuda:7");
  EXPECT_EQ(outcome.status, 3);
  expect_two_lines(outcome);
}

TEST_F(Scenes, AreTrainedOnAndEvaluated) {
  const Outcome outcome =
      run_program("train --size 32 --batch-size 2 --threads 1 --json - --data " + folder_);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto unet = nlohmann::json::parse(outcome.out)["unet"][0];
  EXPECT_EQ(unet["train"]["images"], 3);
  EXPECT_EQ(unet["train"]["losses"].size(), 2u);
  EXPECT_FALSE(unet["train"]["projected"]);
  EXPECT_EQ(unet["eval"]["images"], 2);
}

TEST_F(Scenes, WhatWasMeasuredBeforeAnErrorIsSavedAndSaidToBe) {
  const std::string json = folder_ + "/result.json";
  const Outcome outcome =
      run_program("compare --quick --n 16 --size 32 --batch-size 2 --report '' --json " + json +
                      " --data " + folder_,
                  "HIKAKU_CONV2D=none");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("note: what was measured before this error stands in " + json),
            std::string::npos)
      << outcome.err;
  std::ifstream in(json);
  EXPECT_FALSE(nlohmann::json::parse(in)["matmul"].empty());
}

TEST_F(Scenes, AStopIsStatus130) {
  const Outcome outcome = run_program("data synth --train 100000 " + folder_ + "_more",
                                      "timeout --foreground --preserve-status --signal=INT 0.5");
  std::filesystem::remove_all(folder_ + "_more");
  EXPECT_EQ(outcome.status, 130);
  expect_two_lines(outcome);
}

}  // namespace
}  // namespace hikaku
