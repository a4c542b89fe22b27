// `hikaku train` and the files that are there already: what it keeps, and what it refuses to lose.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "trainer_program.h"

namespace hikaku {
namespace {

TEST_F(TrainerProgram, WhereNothingIsLeftToDoTheResultStays) {
  const std::string options = "--epochs 1 --resume --json " + out("done.json");
  ASSERT_EQ(train("done", options).status, 0);
  const std::string before = bytes_of(out("done.json"));
  ASSERT_GT(before.size(), 100U);
  const Outcome outcome = train("done", options);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(bytes_of(out("done.json")) == before);
}

TEST_F(TrainerProgram, EvalDoesNotWriteOverTheWeights) {
  ASSERT_EQ(train("scored").status, 0);
  const std::string weights = out("scored") + "/best.safetensors";
  const std::string before = bytes_of(weights);
  const Outcome outcome = run_program("eval -q --lang en " + weights + " --data " + root() +
                                      "/scenes --json " + weights);
  EXPECT_EQ(outcome.status, 2);
  expect_two_lines(outcome);
  EXPECT_TRUE(bytes_of(weights) == before);
}

TEST_F(TrainerProgram, FiguresThatASpreadsheetSavedAnewAreKept) {
  ASSERT_EQ(train("sheet").status, 0);
  const fs::path csv = out("sheet") + "/metrics.csv";
  const std::string saved = std::regex_replace(bytes_of(csv), std::regex("\n"), "\r\n");
  std::string told;
  for (const char* aside : {".old", ".old2"}) {
    std::ofstream(csv, std::ios::binary) << saved;
    const Outcome outcome = train("sheet", "--epochs 2 --resume");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(bytes_of(csv.string() + aside), saved);
    EXPECT_NE(outcome.err.find("metrics.csv" + std::string(aside) + " now\n"), std::string::npos)
        << outcome.err;
  }
  EXPECT_TRUE(bytes_of(csv).starts_with("epoch,steps,"));
}

TEST_F(TrainerProgram, ARecipeInItsFolderStaysAsItWasWritten) {
  fs::create_directories(out("recipe"));
  const std::string file = out("recipe") + "/config.toml", text = "# by hand\nlr = 0.01\n";
  std::ofstream(file) << text;
  const Outcome outcome = train("recipe", "--config " + file);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(bytes_of(file), text);
  EXPECT_EQ(train("other_recipe", "--config " + file).status, 0);
  EXPECT_NE(bytes_of(out("other_recipe") + "/config.toml").find("\nlr = 0.01\n"),
            std::string::npos);
}

TEST_F(TrainerProgram, WeightsThatItWouldWriteOverAreNoStart) {
  ASSERT_EQ(train("begun").status, 0);
  for (const char* name : {"last.safetensors", "last.state.safetensors"}) {
    fs::remove(out("begun") + "/" + name);
  }
  const std::string best = out("begun") + "/best.safetensors", before = bytes_of(best);
  for (const char* resume : {"", " --resume"}) {
    const Outcome outcome = train("begun", "--weights " + best + resume);
    EXPECT_EQ(outcome.status, 2);
    expect_two_lines(outcome);
    EXPECT_TRUE(bytes_of(best) == before);
  }
  fs::rename(best, out("begun") + "/start.safetensors");
  EXPECT_EQ(train("begun", "--weights " + out("begun") + "/start.safetensors").status, 0);
}

TEST_F(TrainerProgram, ATrainingThatGoesOnTakesNoOtherWeights) {
  ASSERT_EQ(train("source").status, 0);
  const std::string weights = " --weights " + out("source") + "/best.safetensors";
  ASSERT_EQ(train("going").status, 0);
  const Outcome outcome = train("going", "--epochs 2 --resume" + weights);
  EXPECT_EQ(outcome.status, 2);
  expect_two_lines(outcome);
  EXPECT_NE(outcome.err.find("goes on from its own weights"), std::string::npos) << outcome.err;
  // The command that began it goes on with it.
  ASSERT_EQ(train("repeated", "--resume" + weights).status, 0);
  EXPECT_EQ(train("repeated", "--epochs 2 --resume" + weights).status, 0);
  EXPECT_EQ(train("repeated", "--epochs 3 --resume").status, 0);
}

TEST_F(TrainerProgram, ToGoOnItNeedsRoomForOneCheckpoint) {
  ASSERT_EQ(train("sized").status, 0);
  const auto size_of = [&](const char* name) { return fs::file_size(out("sized") + "/" + name); };
  const auto checkpoint = size_of("last.safetensors") + size_of("last.state.safetensors");
  fs::create_directories(out("narrow"));
  // At first room for two, best and some; then best and one are there.
  const std::string inside =
      fmt::format("mount -t tmpfs -o size={} none {} && {} {} && {} {}", checkpoint * 29 / 10,
                  out("narrow"), HIKAKU_PROGRAM, command("narrow/run"), HIKAKU_PROGRAM,
                  command("narrow/run", "--epochs 2 --resume"));
  const Outcome outcome = run_program("", "unshare -rm sh -c '" + inside + "';", "true");
  if (outcome.err.find("unshare") != std::string::npos ||
      outcome.err.find("mount") != std::string::npos) {
    GTEST_SKIP() << "this machine lets nobody mount: " << outcome.err;
  }
  EXPECT_EQ(outcome.err, "");
}

}  // namespace
}  // namespace hikaku
