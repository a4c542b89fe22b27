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
    EXPECT_NE(outcome.err.find("metrics.csv" + std::string(aside) + "\n"), std::string::npos)
        << outcome.err;
  }
  EXPECT_TRUE(bytes_of(csv).starts_with("epoch,steps,"));
}

}  // namespace
}  // namespace hikaku
