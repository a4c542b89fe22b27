// What a segmentation is worth: the standard figures from one confusion matrix over the whole set,
// and the lecture's own IoU, which is a mean over images.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/voc_palette.h"

namespace hikaku {

/// The standard figures. Labels of 255 (void) are left out, but for with_void(); all others, and
/// the predictions, must be below `classes`.
class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(std::int64_t classes);

  void add(std::span<const std::uint8_t> labels, std::span<const std::uint8_t> predictions);

  /// Pixels of `label` that were predicted as `prediction`.
  [[nodiscard]] std::int64_t count(std::int64_t label, std::int64_t prediction) const {
    return counts_[static_cast<std::size_t>(label * classes_ + prediction)];
  }
  /// NaN if nothing was added.
  [[nodiscard]] double pixel_accuracy() const;
  /// Intersection over union of each class; NaN where neither labels nor predictions have it.
  [[nodiscard]] std::vector<double> iou_by_class() const;
  /// The mean over the classes that are not NaN.
  [[nodiscard]] double mean_iou() const;
  /// Dice's coefficient of each class, 2 * intersection / (labels + predictions), and its mean,
  /// likewise.
  [[nodiscard]] std::vector<double> dice_by_class() const;
  [[nodiscard]] double mean_dice() const;
  /// All of them, [label][prediction].
  [[nodiscard]] const std::vector<std::int64_t>& counts() const { return counts_; }
  /// The same labels, had class 0 been predicted everywhere.
  [[nodiscard]] ConfusionMatrix background_only() const;
  /// With void as labels of class 0, as the lecture counts it.
  [[nodiscard]] ConfusionMatrix with_void() const;

 private:
  std::int64_t classes_;
  std::vector<std::int64_t> counts_;
  std::vector<std::int64_t> void_counts_;  ///< by prediction
};

/// The lecture's figure: of one image the mean IoU over the classes 1 and up whose union is not
/// empty; of a set the mean over the images that have one. Void counts as background.
class LectureIou {
 public:
  explicit LectureIou(std::int64_t classes) : classes_(classes) {}

  void add_image(std::span<const std::uint8_t> labels, std::span<const std::uint8_t> predictions);
  [[nodiscard]] double mean() const;  ///< NaN if no image has one

 private:
  std::int64_t classes_;
  double sum_ = 0;
  std::int64_t images_ = 0;
};

}  // namespace hikaku
