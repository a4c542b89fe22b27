// A pass of a convolution for a part of the pictures at a time: where memory is short, each part
// asks for its share of the workspace alone.
#pragma once

#include <memory>

#include "cuda/cudnn_graph.h"

namespace hikaku::cuda {

/// The smallest number of equal parts that pictures come in; 1 for one picture alone.
[[nodiscard]] std::int64_t fewest_parts(std::int64_t pictures);

/// `problem` with the pictures of one of `parts` equal parts.
[[nodiscard]] ConvProblem part_of(ConvProblem problem, std::int64_t parts);

/// One part after the other in the same workspace. Not for gradients of weights, which would have
/// to be added.
class PartsPlan final : public ConvPlan {
 public:
  /// `part` is planned for part_of(problem, parts).
  PartsPlan(std::unique_ptr<ConvPlan> part, const ConvProblem& problem, std::int64_t parts);

  void run(const ConvMemory& memory, void* workspace) override;
  [[nodiscard]] std::size_t workspace_bytes() const override { return part_->workspace_bytes(); }
  [[nodiscard]] double seconds() const override {
    return static_cast<double>(parts_) * part_->seconds();
  }

 private:
  std::unique_ptr<ConvPlan> part_;
  std::int64_t parts_;
  std::size_t x_bytes_, y_bytes_;  ///< from the first picture of one part to that of the next
};

}  // namespace hikaku::cuda
