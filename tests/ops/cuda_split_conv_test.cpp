// The convolution of f32 by three products of f16 beside plain loops in double. Skipped where no
// GPU can.
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
#include "cuda/split_conv.h"

namespace hikaku::cuda {
namespace {

struct Case {
  Shape from;  ///< channels: the weight's, or more
  SplitWeight weight;
  std::int64_t around = 0;  ///< channels of the pixels beside theirs

  [[nodiscard]] std::int64_t ins() const { return weight.backward ? weight.c_out : weight.c_in; }
  [[nodiscard]] std::int64_t outs() const { return weight.backward ? weight.c_in : weight.c_out; }
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << to_string(c.from) << (c.weight.backward ? " back" : "") << " to " << c.outs()
       << ", kernel " << c.weight.kernel << ", around " << c.around;
}

class CudaSplitConvolutionTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    int count = 0;
    if (cudaGetDeviceCount(&count) != cudaSuccess || count == 0) GTEST_SKIP() << "no GPU";
    if (!SplitConvolution::supported(from_.tensor, to_.tensor, case_.weight)) {
      GTEST_SKIP() << "not on this GPU";
    }
  }

  [[nodiscard]] float weight_at(std::int64_t out, std::int64_t in, std::int64_t p,
                                std::int64_t q) const {
    const std::int64_t k = case_.weight.kernel;
    const std::int64_t o = case_.weight.backward ? in : out, c = case_.weight.backward ? out : in;
    if (case_.weight.backward) p = k - 1 - p, q = k - 1 - q;
    return weight_[static_cast<std::size_t>(((o * case_.weight.c_in + c) * k + p) * k + q)];
  }

  [[nodiscard]] double truth_at(std::int64_t n, std::int64_t out, std::int64_t i, std::int64_t j) {
    const Shape& s = case_.from;
    const std::int64_t k = case_.weight.kernel, pad = (k - 1) / 2;
    double sum = 0;
    for (std::int64_t tap = 0; tap < k * k; ++tap) {
      const std::int64_t row = i + tap / k - pad, column = j + tap % k - pad;
      if (row < 0 || row >= s.h || column < 0 || column >= s.w) continue;
      for (std::int64_t c = 0; c < case_.ins(); ++c) {
        sum += static_cast<double>(from_.at(n, c, row, column)) *
               static_cast<double>(weight_at(out, c, tap / k, tap % k));
      }
    }
    return sum;
  }

  /// Of all elements, in the order n, i, j, out; the second may have an addend and a bias.
  template <class At>
  std::vector<double> each(const At& at) {
    std::vector<double> values;
    const Shape& s = to_.tensor.shape;
    for (std::int64_t pixel = 0; pixel < s.n * s.pixels(); ++pixel) {
      for (std::int64_t o = 0; o < s.c; ++o) {
        values.push_back(at(pixel / s.pixels(), o, pixel / s.w % s.h, pixel % s.w));
      }
    }
    return values;
  }
  std::vector<double> truth() {
    return each([this](auto... at) { return truth_at(at...); });
  }

  /// Into to_, whose pixels keep what lies around them.
  std::vector<double> run(const float* addend = nullptr, const float* bias = nullptr) {
    const SplitConvolution convolution(from_.tensor, to_.tensor, case_.weight);
    const OnGpu<float> from(from_.values), weight(weight_), to(to_.values);
    const OnGpu<unsigned char> split(std::vector<unsigned char>(convolution.split_bytes(), 255));
    const OnGpu<std::uint32_t> largest(std::vector<std::uint32_t>(2));
    Tensor there = from_.tensor;
    there.data = from.get();
    scan_magnitude(there, largest.get(), nullptr);
    std::uint32_t* of_weight = largest.get() + 1;
    scan_magnitude(weight.get(), static_cast<std::int64_t>(weight_.size()), of_weight, nullptr);
    convolution.load_weight(weight.get(), of_weight, split.get(), nullptr);
    convolution.run(from.get(), {largest.get(), of_weight}, split.get(), to.get(),
                    {addend == nullptr ? nullptr : to.get(), bias}, nullptr);
    std::vector<float> found(to_.values.size());
    HIKAKU_CUDA(
        cudaMemcpy(found.data(), to.get(), found.size() * sizeof(float), cudaMemcpyDefault));
    const std::int64_t channels = to_.tensor.shape.c, pixel = to_.tensor.layout.stride_w;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (static_cast<std::int64_t>(i) % pixel < channels) continue;
      EXPECT_TRUE(std::isnan(found[i])) << i;
    }
    return each([&](auto... at) {
      const auto [n, o, i, j] = std::tuple(at...);
      return static_cast<double>(found[static_cast<std::size_t>(to_.tensor.layout.at(n, o, i, j))]);
    });
  }

  void fill_weight(const auto& make) {
    for (float& value : weight_) value = make();
  }

  Case case_ = GetParam();
  Operand from_{case_.from, case_.around},
      to_{with_channels(case_.from, case_.outs()), case_.around};
  std::vector<float> weight_ = std::vector<float>(static_cast<std::size_t>(
      case_.weight.c_out * case_.weight.c_in * case_.weight.kernel * case_.weight.kernel));
  std::mt19937 generator_{7};
};

TEST_P(CudaSplitConvolutionTest, IsExactForWholeNumbers) {
  const auto make = [this] { return static_cast<float>(static_cast<int>(generator_() % 7) - 3); };
  from_.fill(make);
  fill_weight(make);
  EXPECT_EQ(relative_l2(truth(), run()), 0);
}

/// Gradients of many magnitudes, all small, and weights.
TEST_P(CudaSplitConvolutionTest, HasTheDigitsOfF32) {
  std::normal_distribution<float> normal;
  from_.fill([&] { return 1e-9f * normal(generator_) * std::exp2(3 * normal(generator_)); });
  fill_weight([&] { return 0.02f * normal(generator_); });
  const std::vector<double> found = run();
  EXPECT_LE(relative_l2(truth(), found), 3e-7);
  EXPECT_EQ(found, run());
}

TEST_P(CudaSplitConvolutionTest, KeepsZeroAndWhatIsNotFinite) {
  from_.fill([] { return 0.0f; });
  fill_weight([] { return 1.0f; });
  for (const double value : run()) ASSERT_EQ(value, 0);
  from_.at(0, 0, 0, 0) = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(std::isfinite(run().front()));
}

TEST_P(CudaSplitConvolutionTest, AddsWhatIsThereAndABias) {
  const auto make = [this] { return static_cast<float>(static_cast<int>(generator_() % 7) - 3); };
  from_.fill(make);
  fill_weight(make);
  to_.fill(make);
  std::vector<float> bias(static_cast<std::size_t>(case_.outs()));
  for (float& value : bias) value = make();
  const OnGpu<float> bias_there(bias);
  const std::vector<double> expected = each([&](auto... at) {
    const auto [n, o, i, j] = std::tuple(at...);
    const double sum = truth_at(n, o, i, j) + static_cast<double>(to_.at(n, o, i, j)) +
                       static_cast<double>(bias[static_cast<std::size_t>(o)]);
    return std::max(sum, 0.0);
  });
  EXPECT_EQ(relative_l2(expected, run(to_.values.data(), bias_there.get())), 0);
}

constexpr SplitWeight weight(std::int64_t c_out, std::int64_t c_in, int kernel,
                             bool backward = false) {
  return {c_out, c_in, kernel, backward};
}

INSTANTIATE_TEST_SUITE_P(Cases, CudaSplitConvolutionTest,
                         testing::Values(Case{{1, 8, 1, 1}, weight(8, 8, 3)},
                                         Case{{1, 8, 5, 7}, weight(8, 8, 3)},
                                         Case{{1, 4, 20, 20}, weight(64, 3, 3)},
                                         Case{{2, 72, 9, 37}, weight(40, 72, 3), 12},
                                         Case{{2, 40, 9, 37}, weight(40, 72, 3, true), 12},
                                         Case{{3, 64, 16, 16}, weight(64, 64, 3)},
                                         Case{{1, 128, 34, 18}, weight(128, 72, 3, true)},
                                         Case{{2, 64, 17, 33}, weight(200, 64, 3), 64},
                                         Case{{1, 512, 16, 16}, weight(136, 512, 3)},
                                         Case{{5, 64, 3, 50}, weight(72, 64, 1), 4},
                                         Case{{2, 136, 13, 15}, weight(136, 264, 1, true), 8},
                                         Case{{1, 1024, 8, 16}, weight(66, 1024, 1)}));

}  // namespace
}  // namespace hikaku::cuda
