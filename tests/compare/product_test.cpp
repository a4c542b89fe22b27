#include "compare/product.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "../support/pretend_matmul.h"
#include "base/error.h"
#include "compare/blas_caveats.h"
#include "compare/verify.h"
#include "cpu/backend.h"
#include "cpu/blas/matmul.h"

namespace hikaku {
namespace {

/// A product with one wrong element: the least fault that has to be found.
class SpoiledMatmul final : public Matmul {
 public:
  SpoiledMatmul(const MatmulParams& params, double error)
      : n_(params.n), error_(error), right_(make_cpu_matmul(params)) {}
  double run(const void* a, const void* b, void* c) override {
    const double seconds = right_->run(a, b, c);
    auto* element = static_cast<float*>(c) + n_ * n_ / 2;
    *element += static_cast<float>(error_);
    return seconds;
  }
  [[nodiscard]] std::string implementation() const override { return "spoiled"; }

 private:
  std::int64_t n_;
  double error_;
  std::unique_ptr<Matmul> right_;
};

class ProductTest : public testing::Test {
 protected:
  static ProductOptions options(std::int64_t n, DType dtype) {
    ProductOptions options;
    options.params = {n, dtype};
    options.seed = 7;
    options.stopping = {3, 3, 1.0};
    options.warm_up.most_seconds = 0;
    options.available_bytes = std::int64_t{1} << 40;
    return options;
  }
  MatmulResult spoiled(double error) {
    const MakeMatmul make = [error](const MatmulParams& params) {
      return std::make_unique<SpoiledMatmul>(params, error);
    };
    return run_product(*cpu, make, options(200, DType::f32), {});
  }
  std::unique_ptr<Backend> cpu = make_cpu_backend();
};

TEST_F(ProductTest, ARightProductIsVerifiedAndTimed) {
  for (const DType dtype : {DType::f32, DType::f64}) {
    for (const std::int64_t n : {1, 17, 300}) {
      const MatmulResult result =
          run_product(*cpu, make_cpu_matmul, options(n, dtype), {"measured", [] { return 1e15; }});
      EXPECT_TRUE(result.error.exact_integers) << n;
      EXPECT_TRUE(result.verified) << n << " " << result.error.freivalds;
      EXPECT_EQ(result.device, "cpu");
      EXPECT_EQ(result.dtype, name_of(dtype));
      EXPECT_EQ(result.seconds.values.size(), 3u);
      EXPECT_GT(result.first_call_seconds, 0);
      EXPECT_DOUBLE_EQ(result.flops_per_second,
                       2.0 * std::pow(double(n), 3) / result.seconds.median());
      EXPECT_DOUBLE_EQ(result.fraction_of_peak, result.flops_per_second / 1e15);
    }
  }
}

TEST_F(ProductTest, EveryTypeIsExactOnItsIntegersAndWithinItsLimit) {
  const MakeMatmul make = [](const MatmulParams& params) {
    return std::make_unique<PretendMatmul>(params);
  };
  for (const char* name : product_names) {
    for (const std::int64_t n : {1, 17, 400}) {
      ProductOptions asked = options(n, DType::f32);
      asked.params = product_named(name, n);
      asked.with_copies = true;
      double largest = 0;
      asked.look = [&](Backend&, const void* c) {
        std::vector<double> found(static_cast<std::size_t>(n * n));
        decode(c, n * n, asked.params.dtype, found.data());
        largest = *std::max_element(found.begin(), found.end());
      };
      const MatmulResult result = run_product(*cpu, make, asked, {});
      EXPECT_TRUE(result.error.exact_integers) << name << n;
      EXPECT_TRUE(result.verified) << name << n << " " << result.error.freivalds;
      EXPECT_EQ(result.dtype, name);
      EXPECT_EQ(result.seconds_with_copies.values.size(), 5u);
      EXPECT_GT(largest, 0) << name << n;
      EXPECT_LT(largest, 0.5 * static_cast<double>(n) + 1) << name << n;
    }
  }
}

TEST_F(ProductTest, ProductsThatACoarserTypeWouldGiveAreRefused) {
  // f32 elements rounded to a type of 16 bits: what tensor cores would do if they were not told.
  class Coarse final : public Matmul {
   public:
    explicit Coarse(const MatmulParams& params) : params_(params), right_(params) {}
    double run(const void* a, const void* b, void* c) override {
      const double seconds = right_.run(a, b, c);
      auto* const elements = static_cast<float*>(c);
      for (std::int64_t i = 0; i < params_.n * params_.n; ++i) {
        elements[i] = round_to(DType::bf16, elements[i]);
      }
      return seconds;
    }
    [[nodiscard]] std::string implementation() const override { return "coarse"; }

   private:
    MatmulParams params_;
    PretendMatmul right_;
  };
  const MakeMatmul make = [](const MatmulParams& p) { return std::make_unique<Coarse>(p); };
  const MatmulResult result = run_product(*cpu, make, options(400, DType::f32), {});
  EXPECT_GT(result.error.freivalds, result.error.freivalds_limit);
}

TEST_F(ProductTest, IntegersAreMostlyNotZeroAndTheirSumsFitTheType) {
  for (const char* name : product_names) {
    const MatmulParams params = product_named(name, 2500);
    const auto count = static_cast<std::size_t>(params.n * params.n);
    std::vector<std::byte> matrix(params.matrix_bytes(params.operand()));
    std::vector<double> numbers(count);
    fill_matrix(*cpu, params, Fill::small_integer, 1, 0, matrix.data());
    decode(matrix.data(), params.n * params.n, params.operand(), numbers.data());
    const auto zeros = std::count(numbers.begin(), numbers.end(), 0.0);
    EXPECT_LT(static_cast<double>(zeros), 0.4 * static_cast<double>(count)) << name;
    const double largest = *std::max_element(numbers.begin(), numbers.end());
    EXPECT_EQ(largest, params.dtype == DType::f32 || params.dtype == DType::f64 ? 3 : 1) << name;
  }
}

TEST_F(ProductTest, OneWrongElementIsFound) {
  EXPECT_TRUE(spoiled(0).verified);
  const MatmulResult off_by_one = spoiled(1);
  EXPECT_FALSE(off_by_one.error.exact_integers);
  EXPECT_FALSE(off_by_one.verified);
  const MatmulResult not_finite = spoiled(NAN);
  EXPECT_FALSE(not_finite.verified);
  EXPECT_TRUE(std::isinf(not_finite.error.freivalds));
}

TEST_F(ProductTest, TheCheckOfUniformMatricesFindsOneWrongElement) {
  const MatmulResult result = spoiled(50);  // of an element of about n / 4
  EXPECT_GT(result.error.freivalds, result.error.freivalds_limit);
}

TEST_F(ProductTest, RefusesWhatDoesNotFitBeforeItAllocates) {
  ProductOptions fitting = options(100, DType::f64);
  fitting.available_bytes = 11 * 100 * 100 * 8 * 3 / 10;
  EXPECT_TRUE(run_product(*cpu, make_cpu_matmul, fitting, {}).verified);

  ProductOptions too_large = fitting;
  too_large.params.n = 101;
  const MakeMatmul never = [](const MatmulParams& params) {
    ADD_FAILURE() << "planned a product that does not fit";
    return make_cpu_matmul(params);
  };
  try {
    static_cast<void>(run_product(*cpu, never, too_large, {}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::out_of_memory);
    EXPECT_NE(std::string(error.what()).find("n = 100 fits"), std::string::npos) << error.what();
    EXPECT_NE(error.fix().find("--n 100 "), std::string::npos) << error.fix();
  }
}

TEST(BlasCaveats, OnlyForWhatOpenblasDid) {
  MatmulResult result;
  OpenBlas blas;
  blas.core = "Prescott";
  blas.expected_core = "SkylakeX";
  result.implementation = "hikaku gemm, AVX-512, 2 threads";
  EXPECT_TRUE(blas_caveats(result, blas).empty());
  result.implementation = "OpenBLAS 0.3.21, Prescott, 2 threads";
  const auto found = blas_caveats(result, blas);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].id, "blas_misdetected");
  EXPECT_EQ(found[1].id, "blas_own_threads");
  blas.core = "SkylakeX";
  blas.openmp = true;
  EXPECT_TRUE(blas_caveats(result, blas).empty());
}

TEST(WorkingBytes, CountTheCopiesThatFp8IsPaddedIn) {
  const auto of_side = [](double side, double bytes) { return 1.1 * side * side * bytes; };
  // A and B of one byte, C of two; beside them B transposed, or all three padded.
  EXPECT_DOUBLE_EQ(working_bytes(product_named("fp8", 4000)), of_side(4000, 4 + 1));
  EXPECT_DOUBLE_EQ(working_bytes(product_named("fp8", 4001)), of_side(4001, 4 + 4));
  // These have another way, and take it where memory is short.
  EXPECT_DOUBLE_EQ(working_bytes(product_named("f16", 4001)), of_side(4001, 6));
}

TEST(LargestProduct, FitsAndTheNextDoesNot) {
  for (const std::int64_t bytes : {1000, 123'456'789}) {
    for (const char* name : product_names) {
      const std::int64_t n = largest_product(product_named(name, 1), bytes);
      EXPECT_LE(working_bytes(product_named(name, n)), double(bytes)) << name;
      EXPECT_GT(working_bytes(product_named(name, n + 1)), double(bytes)) << name;
    }
  }
  EXPECT_EQ(largest_product({1, DType::f64}, 0), 0);
}

TEST_F(ProductTest, MatricesDependOnSeedAndIndexAlone) {
  const MatmulParams params{37, DType::f32};
  const auto filled = [&](Fill fill, std::uint64_t seed, std::uint64_t index) {
    std::vector<float> matrix(std::size_t{37} * 37);
    fill_matrix(*cpu, params, fill, seed, index, matrix.data());
    return matrix;
  };
  const auto uniform = filled(Fill::uniform, 1, 0);
  EXPECT_EQ(uniform, filled(Fill::uniform, 1, 0));
  EXPECT_NE(uniform, filled(Fill::uniform, 2, 0));
  EXPECT_NE(uniform, filled(Fill::uniform, 1, 1));
  for (const float x : uniform) EXPECT_TRUE(x >= 0 && x < 1) << x;
  for (const float x : filled(Fill::small_integer, 1, 0)) {
    EXPECT_TRUE(x >= -3 && x <= 3 && x == std::round(x)) << x;
  }
}

}  // namespace
}  // namespace hikaku
