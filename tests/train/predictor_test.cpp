#include "train/predictor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/philox.h"
#include "base/proto_writer.h"

namespace hikaku {
namespace {

constexpr std::int64_t classes = 5;
constexpr int size = 8;
constexpr std::size_t area = 64;  // size * size

Logits random_logits() {
  Logits logits(classes * area);
  Philox random(1, RandomUse::check);
  for (float& value : logits) value = 8 * random.uniform() - 4;
  return logits;
}

TEST(Segment, InTheNetworksSizeIsSoftmaxAndItsLargest) {
  const Logits logits = random_logits();
  const Segmentation found = segment(logits, classes, size, size, size, true);
  for (std::size_t i = 0; i < area; ++i) {
    double sum = 0;
    std::size_t best = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      sum += std::exp(static_cast<double>(logits[k * area + i]));
      if (logits[k * area + i] > logits[best * area + i]) best = k;
    }
    EXPECT_EQ(found.mask.index[i], best);
    const double p = std::exp(static_cast<double>(logits[best * area + i])) / sum;
    EXPECT_NEAR(found.confidence[i], p, 1e-6);
    EXPECT_NEAR(found.probabilities[best * area + i], p, 1e-6);
  }
}

TEST(Segment, ProbabilitiesSumToOneInEverySize) {
  const std::size_t sizes[][2] = {{1, 1}, {3, 50}, {8, 7}, {33, 21}};
  for (const auto& [height, width] : sizes) {
    const Segmentation found = segment(random_logits(), classes, size, static_cast<int>(height),
                                       static_cast<int>(width), true);
    const std::size_t pixels = height * width;
    ASSERT_EQ(found.mask.index.size(), pixels);
    for (std::size_t i = 0; i < pixels; ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < classes; ++k) sum += found.probabilities[k * pixels + i];
      EXPECT_NEAR(sum, 1, 1e-5);
    }
  }
}

// By hand, as torch's interpolate(mode="bilinear", align_corners=False) has it: 0, 1 becomes 0,
// 1/4, 3/4, 1.
TEST(Segment, TwiceAsLargeLiesBetweenTheMiddlesOfPixels) {
  const float half = std::log(3.0f);                        // a probability of 3/4 beside 1/4
  const Logits logits{half, 0, half, 0, 0, half, 0, half};  // two classes, 2 x 2, columns alike
  const Segmentation found = segment(logits, 2, 2, 4, 4, true);
  for (std::size_t y = 0; y < 4; ++y) {
    const double expected[] = {0.75, 0.625, 0.375, 0.25};
    for (std::size_t x = 0; x < 4; ++x) {
      EXPECT_NEAR(found.probabilities[y * 4 + x], expected[x], 1e-6);
      EXPECT_EQ(found.mask.index[y * 4 + x], x < 2 ? 0 : 1);
    }
  }
}

TEST(ProtoWriter, IsTheEncodingOfItsDocumentation) {
  EXPECT_EQ(ProtoWriter().integer(1, 150).text(), "\x08\x96\x01");
  EXPECT_EQ(ProtoWriter().bytes(2, "testing").text(), "\x12\x07testing");
  EXPECT_EQ(ProtoWriter().message(3, ProtoWriter().integer(1, 150)).text(), "\x1a\x03\x08\x96\x01");
  EXPECT_EQ(ProtoWriter().number(2, 1.0f).text(), std::string("\x15\0\0\x80\x3f", 5));
  EXPECT_EQ(ProtoWriter().integer(1, -1).text(), "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

}  // namespace
}  // namespace hikaku
