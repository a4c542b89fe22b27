#include "measure/machine.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace hikaku {
namespace {

TEST(Machine, DescribesThisOne) {
  const Machine machine = describe_machine();
  EXPECT_FALSE(machine.cpu.architecture.empty());
  EXPECT_GE(machine.cpu.cores, 1);
  EXPECT_GE(machine.cpu.threads, 1);
  EXPECT_GT(machine.memory.total, 1 << 20);
  EXPECT_GT(machine.memory.available, 0);
  EXPECT_LE(machine.memory.available, machine.memory.total);
  EXPECT_FALSE(machine.kernel.empty());
  EXPECT_TRUE(machine.libraries.contains("compiler"));
#if defined(__x86_64__)
  const bool listed =
      std::find(machine.cpu.isa.begin(), machine.cpu.isa.end(), "avx2") != machine.cpu.isa.end();
  EXPECT_EQ(listed, __builtin_cpu_supports("avx2") != 0);
#endif
}

TEST(Machine, SaysInOneSentenceWhyThereIsNoGpu) {
  const std::optional<NoGpu> reason = why_no_gpu();
  if (!reason) GTEST_SKIP() << "there is a GPU";
  EXPECT_EQ(reason->text.find('\n'), std::string::npos);
  EXPECT_NE(reason->text.find("NVIDIA"), std::string::npos);
  EXPECT_EQ(reason->text, describe_machine().no_gpu->text);
}

}  // namespace
}  // namespace hikaku
