#include "base/process.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

namespace hikaku {
namespace {

TEST(Process, GivesStatusAndBothStreams) {
  const auto outcome =
      run_process({"sh", "-c", "echo $WORD; cat; seq 30000 >&2; exit 3"}, "WORD=a b");
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 3);
  EXPECT_EQ(outcome->out, "a b\n");  // and nothing to read for cat
  EXPECT_EQ(outcome->err.size(), 168894u);
  EXPECT_EQ(run_process({"sh", "-c", "kill -9 $$"})->status, 128 + 9);
}

TEST(Process, AProgramThatIsNotThereIsNothing) {
  EXPECT_FALSE(run_process({"hikaku-no-such-program"}));
}

TEST(Process, AWatchThatThrowsEndsIt) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THROW((void)run_process({"sleep", "60"}, "", [] { throw std::runtime_error("enough"); }),
               std::runtime_error);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

}  // namespace
}  // namespace hikaku
