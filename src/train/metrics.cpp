#include "train/metrics.h"

#include <cmath>
#include <limits>

namespace hikaku {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

double mean_of_present(std::span<const double> values) {
  double sum = 0;
  int present = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++present;
  }
  return present > 0 ? sum / present : nothing;
}

}  // namespace

ConfusionMatrix::ConfusionMatrix(std::int64_t classes)
    : classes_(classes),
      counts_(static_cast<std::size_t>(classes * classes)),
      void_counts_(static_cast<std::size_t>(classes)) {}

void ConfusionMatrix::add(std::span<const std::uint8_t> labels,
                          std::span<const std::uint8_t> predictions) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == void_label) {
      ++void_counts_[predictions[i]];
    } else {
      ++counts_[labels[i] * static_cast<std::size_t>(classes_) + predictions[i]];
    }
  }
}

double ConfusionMatrix::pixel_accuracy() const {
  std::int64_t right = 0, all = 0;
  for (std::int64_t label = 0; label < classes_; ++label) {
    right += count(label, label);
    for (std::int64_t k = 0; k < classes_; ++k) all += count(label, k);
  }
  return all > 0 ? static_cast<double>(right) / static_cast<double>(all) : nothing;
}

std::vector<double> ConfusionMatrix::iou_by_class() const {
  std::vector<double> result;
  for (std::int64_t c = 0; c < classes_; ++c) {
    std::int64_t either = -count(c, c);
    for (std::int64_t k = 0; k < classes_; ++k) either += count(c, k) + count(k, c);
    result.push_back(either > 0 ? static_cast<double>(count(c, c)) / static_cast<double>(either)
                                : nothing);
  }
  return result;
}

double ConfusionMatrix::mean_iou() const { return mean_of_present(iou_by_class()); }

std::vector<double> ConfusionMatrix::dice_by_class() const {
  std::vector<double> result = iou_by_class();
  // With i = intersection / union: intersection / (intersection + union) * 2.
  for (double& value : result) value = 2 * value / (1 + value);
  return result;
}

double ConfusionMatrix::mean_dice() const { return mean_of_present(dice_by_class()); }

ConfusionMatrix ConfusionMatrix::background_only() const {
  ConfusionMatrix result(classes_);
  for (std::int64_t label = 0; label < classes_; ++label) {
    for (std::int64_t k = 0; k < classes_; ++k) {
      result.counts_[static_cast<std::size_t>(label * classes_)] += count(label, k);
    }
  }
  return result;
}

ConfusionMatrix ConfusionMatrix::with_void() const {
  ConfusionMatrix result(classes_);
  result.counts_ = counts_;
  for (std::size_t k = 0; k < void_counts_.size(); ++k) result.counts_[k] += void_counts_[k];
  return result;
}

void LectureIou::add_image(std::span<const std::uint8_t> labels,
                           std::span<const std::uint8_t> predictions) {
  ConfusionMatrix image(classes_);
  image.add(labels, predictions);
  const std::vector<double> iou = image.with_void().iou_by_class();
  const double mean = mean_of_present(std::span(iou).subspan(1));
  if (std::isnan(mean)) return;
  sum_ += mean;
  ++images_;
}

double LectureIou::mean() const {
  return images_ > 0 ? sum_ / static_cast<double>(images_) : nothing;
}

}  // namespace hikaku
