// A trained network applied to pictures of any size.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "data/picture.h"
#include "nn/eval_plan.h"

namespace hikaku {

/// What the network says of one picture, [classes][size][size].
using Logits = std::vector<float>;

class Predictor {
 public:
  /// For batches of at most `batch_size` pictures of size x size.
  Predictor(const Model& model, std::int64_t batch_size, int size);

  /// Makes ready for batches of so many pictures; else the first such batch does, and takes longer.
  void plan(std::int64_t images) { (void)plan_for(images); }
  /// At most a batch, one after the other as transform_picture() writes them.
  [[nodiscard]] std::vector<Logits> run(std::span<const float> images);

  [[nodiscard]] const Backend& device() const { return model_.backend(); }
  [[nodiscard]] std::size_t batch_size() const { return static_cast<std::size_t>(batch_size_); }
  [[nodiscard]] int size() const { return size_; }
  [[nodiscard]] std::int64_t classes() const { return model_.net().config.classes; }
  /// Of one picture on its way in: 3 x size x size.
  [[nodiscard]] std::size_t image_floats() const;

 private:
  EvalPlan& plan_for(std::int64_t images);

  const Model& model_;
  std::int64_t batch_size_;
  int size_;
  std::map<std::int64_t, std::unique_ptr<EvalPlan>> plans_;  ///< by the pictures of a batch
  DeviceMemory images_, logits_;
};

/// A picture's classes in its own size.
struct Segmentation {
  Mask mask;
  std::vector<float> confidence;     ///< the probability of the answer, [height][width]
  std::vector<float> probabilities;  ///< [classes][height][width]; empty unless asked for
};

/// Softmax of the logits, brought from size x size to height x width by bilinear interpolation
/// (between the middles of pixels, as torch's interpolate(align_corners=False)); the class with the
/// largest probability.
[[nodiscard]] Segmentation segment(const Logits& logits, std::int64_t classes, int size, int height,
                                   int width, bool all_probabilities);

}  // namespace hikaku
