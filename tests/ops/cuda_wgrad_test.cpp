// The weight gradient by products of f16 beside plain loops in double. Skipped where no GPU can.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <ostream>
#include <random>
#include <tuple>
#include <vector>

#include "../support/gpu_operand.h"
#include "../support/relative_l2.h"
#include "cuda/wgrad.h"

namespace hikaku::cuda {
namespace {

struct Case {
  Shape x;
  std::int64_t c_out;
  int kernel;
  std::int64_t around = 0;  ///< channels of x's and dy's pixels beside theirs
};

struct Way {
  int products;
  LongSums sums = LongSums::where_they_fit;
};

void PrintTo(const Way& way, std::ostream* out) {
  *out << way.products << " products" << (way.sums == LongSums::global ? ", sums far away" : "");
}

void PrintTo(const Case& c, std::ostream* out) {
  *out << to_string(c.x) << " to " << c.c_out << ", kernel " << c.kernel << ", around " << c.around;
}

std::vector<double> truth(Operand& x, Operand& dy, int kernel) {
  const Shape& s = x.tensor.shape;
  const std::int64_t c_out = dy.tensor.shape.c, k = kernel, pad = (k - 1) / 2;
  std::vector<double> dw(static_cast<std::size_t>(c_out * s.c * k * k));
  const auto add_pixel = [&](std::int64_t n, std::int64_t i, std::int64_t j, std::int64_t p,
                             std::int64_t q) {
    const std::int64_t row = i + p - pad, column = j + q - pad;
    if (row < 0 || row >= s.h || column < 0 || column >= s.w) return;
    for (std::int64_t o = 0; o < c_out; ++o) {
      const double gradient = dy.at(n, o, i, j);
      for (std::int64_t c = 0; c < s.c; ++c) {
        dw[static_cast<std::size_t>(((o * s.c + c) * k + p) * k + q)] +=
            gradient * static_cast<double>(x.at(n, c, row, column));
      }
    }
  };
  for (std::int64_t pixel = 0; pixel < s.n * s.pixels(); ++pixel) {
    for (std::int64_t tap = 0; tap < k * k; ++tap) {
      add_pixel(pixel / s.pixels(), pixel / s.w % s.h, pixel % s.w, tap / k, tap % k);
    }
  }
  return dw;
}

std::vector<float> run(const Operand& x, const Operand& dy, int kernel, const Way& way) {
  const WeightGradient gradient(x.tensor, dy.tensor, kernel, way.products, way.sums);
  const OnGpu<float> x_there(x.values), dy_there(dy.values);
  std::vector<float> dw(
      static_cast<std::size_t>(x.tensor.shape.c * dy.tensor.shape.c * kernel * kernel),
      std::numeric_limits<float>::quiet_NaN());
  const OnGpu<float> dw_there(dw);
  const OnGpu<unsigned char> workspace(std::vector<unsigned char>(gradient.workspace_bytes(), 255));
  Tensor x_tensor = x.tensor, dy_tensor = dy.tensor;
  x_tensor.data = x_there.get();
  dy_tensor.data = dy_there.get();
  gradient.run(x_tensor, dy_tensor, dw_there.get(), workspace.get(), nullptr, nullptr);
  HIKAKU_CUDA(cudaMemcpy(dw.data(), dw_there.get(), dw.size() * sizeof(float), cudaMemcpyDefault));
  return dw;
}

class CudaWeightGradientTest : public testing::TestWithParam<std::tuple<Way, Case>> {
 protected:
  void SetUp() override {
    int count = 0;
    if (cudaGetDeviceCount(&count) != cudaSuccess || count == 0) GTEST_SKIP() << "no GPU";
    if (!WeightGradient::supported(x_.tensor, dy_.tensor, case_.kernel, way_.products)) {
      GTEST_SKIP() << "not on this GPU";
    }
  }

  Way way_ = std::get<0>(GetParam());
  Case case_ = std::get<1>(GetParam());
  Operand x_{case_.x, case_.around}, dy_{with_channels(case_.x, case_.c_out), case_.around};
  std::mt19937 generator_{7};
};

TEST_P(CudaWeightGradientTest, IsExactForWholeNumbers) {
  const auto make = [this] { return static_cast<float>(static_cast<int>(generator_() % 7) - 3); };
  x_.fill(make);
  dy_.fill(make);
  const std::vector<double> expected = truth(x_, dy_, case_.kernel);
  EXPECT_EQ(relative_l2(expected, run(x_, dy_, case_.kernel, way_)), 0);
}

/// Activations after a ReLU, and gradients of many magnitudes, all small.
TEST_P(CudaWeightGradientTest, HasTheDigitsOfItsProducts) {
  std::normal_distribution<float> normal;
  x_.fill([&] { return std::max(normal(generator_), 0.0f); });
  dy_.fill([&] { return 1e-9f * normal(generator_) * std::exp2(3 * normal(generator_)); });
  const std::vector<double> expected = truth(x_, dy_, case_.kernel);
  const std::vector<float> found = run(x_, dy_, case_.kernel, way_);
  EXPECT_LE(relative_l2(expected, found), way_.products == 1 ? 1e-3 : 4e-6);
  EXPECT_EQ(found, run(x_, dy_, case_.kernel, way_));
}

TEST_P(CudaWeightGradientTest, KeepsZeroAndWhatIsNotFinite) {
  x_.fill([] { return 1.0f; });
  dy_.fill([] { return 0.0f; });
  for (const float value : run(x_, dy_, case_.kernel, way_)) ASSERT_EQ(value, 0);
  dy_.at(0, 0, 0, 0) = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(std::isfinite(
      run(x_, dy_, case_.kernel, way_)
          .at(static_cast<std::size_t>((case_.kernel - 1) / 2 * (case_.kernel + 1)))));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, CudaWeightGradientTest,
    testing::Combine(testing::Values(Way{1}, Way{3}, Way{3, LongSums::global}),
                     testing::Values(Case{{1, 8, 1, 1}, 8, 3}, Case{{1, 8, 5, 7}, 8, 3},
                                     Case{{2, 72, 9, 37}, 40, 3, 12}, Case{{3, 64, 16, 16}, 64, 3},
                                     Case{{1, 64, 96, 80}, 64, 3}, Case{{1, 8, 400, 400}, 8, 3},
                                     Case{{2, 64, 40, 33}, 128, 3, 64},
                                     Case{{5, 64, 3, 50}, 72, 1, 4}, Case{{3, 24, 6, 20}, 16, 2},
                                     Case{{1, 136, 13, 15}, 200, 2, 8})));

}  // namespace
}  // namespace hikaku::cuda
