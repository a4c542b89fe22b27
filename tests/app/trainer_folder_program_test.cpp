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

}  // namespace
}  // namespace hikaku
