#include "cpu/blas/gemm.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "integer_product.h"

namespace hikaku {
namespace {

template <class T>
class GemmTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!gemm_is_supported()) GTEST_SKIP() << "this CPU has no AVX-512";
  }
  static void expect_exact(std::int64_t n, const GemmBlocks& blocks) {
    const auto a = small_integers<T>(n, 0), b = small_integers<T>(n, 1);
    std::vector<T> c(a.size() + 1, T{-77});  // must not be added to; the last is a guard
    Gemm<T> gemm(n, n, blocks);
    for (int again = 0; again < 2; ++again) gemm.multiply(a.data(), b.data(), c.data());
    EXPECT_EQ(c.back(), T{-77}) << "wrote past the end, n = " << n;
    c.pop_back();
    EXPECT_EQ(c, plain_product(n, a, b)) << "n = " << n;
  }
};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(GemmTest, Types);

TYPED_TEST(GemmTest, IsExactAroundTheTileAndBlockSizes) {
  for (const std::int64_t n : {1, 2, 13, 14, 15, 16, 17, 31, 32, 33, 255, 256, 383, 384, 385}) {
    this->expect_exact(n, {});
  }
}

TYPED_TEST(GemmTest, IsExactOverManyBlocks) {
  for (const std::int64_t n : {97, 129}) {
    this->expect_exact(n, {7, 14 * 7 * 4, 32 * 7 * 4});
  }
  this->expect_exact(33, {1, 1, 1});
}

TYPED_TEST(GemmTest, TakesFewerRows) {
  constexpr std::int64_t n = 100, rows = 41;
  const auto a = small_integers<TypeParam>(n, 0), b = small_integers<TypeParam>(n, 1);
  std::vector<TypeParam> c(n * n, TypeParam{-77});
  Gemm<TypeParam>(rows, n).multiply(a.data(), b.data(), c.data());
  auto truth = plain_product(n, a, b);
  std::fill(truth.begin() + rows * n, truth.end(), TypeParam{-77});
  EXPECT_EQ(c, truth);
}

}  // namespace
}  // namespace hikaku
