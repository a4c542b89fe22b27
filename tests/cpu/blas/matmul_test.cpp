#include "cpu/blas/matmul.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/philox.h"
#include "cpu/blas/openblas.h"

namespace hikaku {
namespace {

template <class T>
std::vector<T> small_integers(std::int64_t n, std::uint64_t index) {
  Philox random(1, RandomUse::matrix, index);
  std::vector<T> matrix(static_cast<std::size_t>(n * n));
  for (T& value : matrix) value = static_cast<T>(random.below(7)) - 3;
  return matrix;
}

template <class T>
void expect_exact(std::int64_t n, DType dtype) {
  const auto a = small_integers<T>(n, 0), b = small_integers<T>(n, 1);
  std::vector<T> c(a.size() + 1,
                   T{-77});  // what was there must not be added to; the last is a guard
  make_cpu_matmul({n, dtype})->run(a.data(), b.data(), c.data());
  std::vector<T> expected(a.size(), T{0});
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t k = 0; k < n; ++k) {
      for (std::int64_t j = 0; j < n; ++j) {
        expected[static_cast<std::size_t>(i * n + j)] +=
            a[static_cast<std::size_t>(i * n + k)] * b[static_cast<std::size_t>(k * n + j)];
      }
    }
  }
  EXPECT_EQ(c.back(), T{-77}) << "wrote past the end, n = " << n;
  c.pop_back();
  EXPECT_EQ(c, expected) << "n = " << n;
}

TEST(CpuMatmul, is_exact_on_small_integers_for_any_size) {
  for (const std::int64_t n : {1, 2, 3, 7, 16, 31, 64, 100, 257, 500}) {
    expect_exact<float>(n, DType::f32);
    expect_exact<double>(n, DType::f64);
  }
}

TEST(CpuMatmul, refuses_other_element_types_with_a_cure) {
  try {
    static_cast<void>(make_cpu_matmul({4, DType::bf16}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    EXPECT_NE(std::string(error.what()).find("bf16"), std::string::npos);
    EXPECT_FALSE(error.fix().empty());
  }
}

TEST(OpenBlas, runs_the_kernels_of_this_cpu) {
  const OpenBlas& blas = openblas();
  if (blas.chosen_by_user) GTEST_SKIP() << "OPENBLAS_CORETYPE is set";
  EXPECT_TRUE(openblas_core_suits(blas.core, openblas_core_for_this_cpu()))
      << blas.core << " on a CPU that wants " << openblas_core_for_this_cpu();
  EXPECT_NE(make_cpu_matmul({1, DType::f32})->implementation().find(blas.core), std::string::npos);
}

TEST(OpenBlas, knows_which_cores_are_too_narrow) {
  EXPECT_FALSE(openblas_core_suits("Prescott", "SkylakeX"));
  EXPECT_FALSE(openblas_core_suits("Haswell", "SkylakeX"));
  EXPECT_TRUE(openblas_core_suits("Cooperlake", "SkylakeX"));
  EXPECT_TRUE(openblas_core_suits("ZEN", "Haswell"));
  EXPECT_TRUE(openblas_core_suits("Nehalem", ""));
}

}  // namespace
}  // namespace hikaku
