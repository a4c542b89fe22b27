#include "cpu/blas/matmul.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "base/error.h"
#include "cpu/blas/openblas.h"
#include "integer_product.h"

namespace hikaku {
namespace {

// What the tests find must be hikaku's choice, not the shell's.
[[maybe_unused]] const int no_choice_of_the_user = unsetenv("OPENBLAS_CORETYPE");

template <class T>
void expect_exact(std::int64_t n, DType dtype) {
  const auto a = small_integers<T>(n, 0), b = small_integers<T>(n, 1);
  std::vector<T> c(a.size() + 1,
                   T{-77});  // what was there must not be added to; the last is a guard
  make_cpu_matmul({n, dtype})->run(a.data(), b.data(), c.data());
  EXPECT_EQ(c.back(), T{-77}) << "wrote past the end, n = " << n;
  c.pop_back();
  EXPECT_EQ(c, plain_product(n, a, b)) << "n = " << n;
}

TEST(CpuMatmul, IsExactOnSmallIntegersForAnySize) {
  for (const std::int64_t n : {1, 2, 3, 7, 16, 31, 64, 100, 257, 500}) {
    expect_exact<float>(n, DType::f32);
    expect_exact<double>(n, DType::f64);
  }
}

TEST(CpuMatmul, ALargeOneNamesWhatDoesIt) {
  const std::string implementation = make_cpu_matmul({2000, DType::f32})->implementation();
  EXPECT_TRUE(implementation.starts_with("OpenBLAS ") || implementation.starts_with("hikaku gemm"))
      << implementation;
}

TEST(CpuMatmul, RefusesOtherElementTypesWithACure) {
  try {
    static_cast<void>(make_cpu_matmul({4, DType::bf16}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    EXPECT_NE(std::string(error.what()).find("bf16"), std::string::npos);
    EXPECT_FALSE(error.fix().empty());
  }
}

TEST(OpenBlas, RunsTheKernelsOfThisCpu) {
  const OpenBlas& blas = openblas();
  EXPECT_FALSE(blas.chosen_by_user);
  if (!blas.expected_core.empty()) {
    EXPECT_STREQ(std::getenv("OPENBLAS_CORETYPE"), blas.expected_core.c_str());
  }
  EXPECT_TRUE(openblas_core_suits(blas.core, openblas_core_for_this_cpu()))
      << blas.core << " on a CPU that wants " << openblas_core_for_this_cpu();
  EXPECT_NE(make_cpu_matmul({1, DType::f32})->implementation().find(blas.core), std::string::npos);
}

TEST(OpenBlas, KnowsWhichCoresAreTooNarrow) {
  EXPECT_FALSE(openblas_core_suits("Prescott", "SkylakeX"));
  EXPECT_FALSE(openblas_core_suits("Haswell", "SkylakeX"));
  EXPECT_TRUE(openblas_core_suits("Cooperlake", "SkylakeX"));
  EXPECT_TRUE(openblas_core_suits("ZEN", "Haswell"));
  EXPECT_TRUE(openblas_core_suits("Nehalem", ""));
}

}  // namespace
}  // namespace hikaku
