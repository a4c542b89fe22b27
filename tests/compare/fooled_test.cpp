#include "compare/fooled.h"

#include <gtest/gtest.h>

#include "cpu/backend.h"
#include "cpu/blas/matmul.h"

namespace hikaku {
namespace {

TEST(Fooled, a_cpu_computes_within_the_call) {
  const auto cpu = make_cpu_backend();
  const FooledResult fooled = time_without_waiting(*cpu, make_cpu_matmul, {300, DType::f32}, 0);
  EXPECT_EQ(fooled.id, "no_sync");
  EXPECT_EQ(fooled.device, "cpu");
  EXPECT_EQ(fooled.dtype, "f32");
  EXPECT_EQ(fooled.n, 300);
  EXPECT_GE(fooled.wrong.values.size(), 5U);
  EXPECT_EQ(fooled.wrong.values.size(), fooled.right.values.size());
  EXPECT_GT(fooled.wrong.median(), 0.2 * fooled.right.median());
}

}  // namespace
}  // namespace hikaku
