#include "train/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "base/philox.h"

namespace hikaku {
namespace {

using Pixels = std::vector<std::uint8_t>;

// Class by class over the pixels, as the definition reads; nothing where the union is empty.
std::optional<double> iou_by_definition(const Pixels& labels, const Pixels& predictions, int c) {
  int both = 0, either = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == void_label) continue;
    both += labels[i] == c && predictions[i] == c ? 1 : 0;
    either += labels[i] == c || predictions[i] == c ? 1 : 0;
  }
  if (either == 0) return {};
  return static_cast<double>(both) / either;
}

Pixels without_void(Pixels labels) {
  for (std::uint8_t& label : labels) label = label == void_label ? 0 : label;
  return labels;
}

struct RandomImage {
  RandomImage(std::uint64_t seed, int classes) : labels(300), predictions(300) {
    Philox random(seed, RandomUse::check);
    const std::uint32_t some = 1 + random.below(static_cast<std::uint32_t>(classes));
    for (auto& label : labels) {
      label = random.below(10) == 0 ? void_label : static_cast<std::uint8_t>(random.below(some));
    }
    for (auto& value : predictions) value = static_cast<std::uint8_t>(random.below(some));
  }
  Pixels labels, predictions;
};

TEST(ConfusionMatrix, AgreesWithTheDefinition) {
  constexpr int classes = 6;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const RandomImage image(seed, classes);
    ConfusionMatrix matrix(classes);
    matrix.add(image.labels, image.predictions);
    const std::vector<double> found = matrix.iou_by_class();
    double sum = 0;
    int present = 0;
    for (int c = 0; c < classes; ++c) {
      const auto iou = iou_by_definition(image.labels, image.predictions, c);
      EXPECT_EQ(std::isnan(found[static_cast<std::size_t>(c)]), !iou);
      if (!iou) continue;
      EXPECT_DOUBLE_EQ(found[static_cast<std::size_t>(c)], *iou);
      sum += *iou;
      ++present;
    }
    EXPECT_DOUBLE_EQ(matrix.mean_iou(), sum / present);
  }
}

TEST(ConfusionMatrix, ByHand) {
  //                     right       wrong  void  absent from the labels
  const Pixels labels{0, 0, 1, 1, 1, 2, 0, 255, 0};
  const Pixels predictions{0, 0, 1, 1, 0, 1, 0, 2, 3};
  ConfusionMatrix matrix(5);
  matrix.add(labels, predictions);
  EXPECT_EQ(matrix.count(1, 0), 1);
  EXPECT_EQ(matrix.count(2, 1), 1);
  EXPECT_DOUBLE_EQ(matrix.pixel_accuracy(), 5.0 / 8);
  const std::vector<double> iou = matrix.iou_by_class();
  EXPECT_DOUBLE_EQ(iou[0], 3.0 / 5);
  EXPECT_DOUBLE_EQ(iou[1], 2.0 / 4);
  EXPECT_DOUBLE_EQ(iou[2], 0.0);  // in the labels, never found
  EXPECT_DOUBLE_EQ(iou[3], 0.0);  // found, never in the labels
  EXPECT_TRUE(std::isnan(iou[4]));
  EXPECT_DOUBLE_EQ(matrix.mean_iou(), (0.6 + 0.5) / 4);
  const std::vector<double> dice = matrix.dice_by_class();
  EXPECT_DOUBLE_EQ(dice[0], 2 * 3.0 / (4 + 4));  // 3 common of 4 labels and 4 predictions
  EXPECT_DOUBLE_EQ(dice[1], 2 * 2.0 / (3 + 3));
  EXPECT_DOUBLE_EQ(dice[2], 0.0);
  EXPECT_TRUE(std::isnan(dice[4]));
  EXPECT_DOUBLE_EQ(matrix.mean_dice(), (dice[0] + dice[1]) / 4);
}

TEST(ConfusionMatrix, SumsOverImages) {
  const RandomImage a(1, 4), b(2, 4);
  ConfusionMatrix apart(4), together(4);
  apart.add(a.labels, a.predictions);
  apart.add(b.labels, b.predictions);
  Pixels labels = a.labels, predictions = a.predictions;
  labels.insert(labels.end(), b.labels.begin(), b.labels.end());
  predictions.insert(predictions.end(), b.predictions.begin(), b.predictions.end());
  together.add(labels, predictions);
  EXPECT_EQ(apart.mean_iou(), together.mean_iou());
  EXPECT_EQ(apart.pixel_accuracy(), together.pixel_accuracy());
}

TEST(ConfusionMatrix, BackgroundOnlyIsThePredictionOfZeroEverywhere) {
  const RandomImage image(3, 5);
  ConfusionMatrix matrix(5), expected(5);
  matrix.add(image.labels, image.predictions);
  expected.add(image.labels, Pixels(image.labels.size(), 0));
  EXPECT_EQ(matrix.background_only().pixel_accuracy(), expected.pixel_accuracy());
  EXPECT_EQ(matrix.background_only().mean_iou(), expected.mean_iou());
}

TEST(ConfusionMatrix, WithVoidItCountsAsBackground) {
  const RandomImage image(4, 5);
  ConfusionMatrix matrix(5), expected(5);
  matrix.add(image.labels, image.predictions);
  expected.add(without_void(image.labels), image.predictions);
  EXPECT_NE(matrix.counts(), expected.counts());
  EXPECT_EQ(matrix.with_void().counts(), expected.counts());
}

TEST(ConfusionMatrix, WithoutPixelsThereIsNoFigure) {
  ConfusionMatrix matrix(3);
  matrix.add(Pixels{void_label, void_label}, Pixels{0, 1});
  EXPECT_TRUE(std::isnan(matrix.pixel_accuracy()));
  EXPECT_TRUE(std::isnan(matrix.mean_iou()));
}

TEST(LectureIou, AgreesWithTheDefinition) {
  constexpr int classes = 5;
  LectureIou lecture(classes);
  double sum = 0;
  int images = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const RandomImage image(seed, classes);
    lecture.add_image(image.labels, image.predictions);
    const Pixels labels = without_void(image.labels);
    double of_image = 0;
    int present = 0;
    for (int c = 1; c < classes; ++c) {
      const auto iou = iou_by_definition(labels, image.predictions, c);
      of_image += iou.value_or(0);
      present += iou ? 1 : 0;
    }
    if (present == 0) continue;
    sum += of_image / present;
    ++images;
  }
  ASSERT_LT(images, 30);  // some image has background alone
  EXPECT_DOUBLE_EQ(lecture.mean(), sum / images);
}

TEST(LectureIou, ByHand) {
  LectureIou lecture(4);
  EXPECT_TRUE(std::isnan(lecture.mean()));
  lecture.add_image(Pixels{0, 0, 255}, Pixels{0, 0, 0});  // background alone: not counted
  EXPECT_TRUE(std::isnan(lecture.mean()));
  // Class 1: 1 of 3, for the void pixel counts as background; class 2: 0 of 1; class 3 is absent.
  lecture.add_image(Pixels{1, 1, 255, 0}, Pixels{1, 2, 1, 0});
  EXPECT_DOUBLE_EQ(lecture.mean(), (1.0 / 3 + 0) / 2);
  lecture.add_image(Pixels{3}, Pixels{3});
  EXPECT_DOUBLE_EQ(lecture.mean(), (1.0 / 6 + 1) / 2);
}

}  // namespace
}  // namespace hikaku
