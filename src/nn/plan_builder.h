// Lays out a plan's memory: buffers are asked for while the plan is drawn up, and get their
// addresses all at once when it is complete.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "nn/model.h"
#include "tensor/arena.h"

namespace hikaku {

struct BatchShape {
  std::int64_t images = 16, height = 256, width = 256;
  std::size_t bytes_beside = 0;  ///< for each image: what the caller took before planning
};

struct LossOptions {
  float dice_share = 0.5f;
  std::vector<float> class_weights;
  int ignore = -1;
};

/// Of the network's largest tensor.
[[nodiscard]] std::size_t largest_weight_bytes(const UNet& net);

/// Throws ExitCode::usage with what is allowed if the network cannot take such pictures.
void require_fits(const UNetConfig& config, const BatchShape& batch, bool training);

class PlanBuilder {
 public:
  /// Training needs every activation again on the way back: all live as long as the step.
  enum class Lives { as_placed, all_equal };

  PlanBuilder(const Model& model, const BatchShape& batch, Lives lives)
      : backend_(model.backend()),
        batch_(batch),
        unit_(model.net().config.width),
        lives_(lives),
        ops_bytes_(ops_per_weight * largest_weight_bytes(model.net())) {}

  [[nodiscard]] std::int64_t channel_unit() const { return unit_; }
  /// An activation of level `level`, whose sides are halved that many times.
  [[nodiscard]] Shape shape_at(int level, std::int64_t channels) const {
    return {batch_.images, channels, batch_.height >> level, batch_.width >> level};
  }
  /// A tensor in the network's layout that has no memory yet.
  [[nodiscard]] Tensor activation(const Shape& shape) const {
    return backend_.activation(shape, unit_);
  }

  /// finish() will write the address of `bytes` of memory, in use from step `first` to `last`, to
  /// `*address`, which must still be there then.
  template <class T>
  void place(std::size_t bytes, T** address, int first = 0, int last = 0) {
    if (lives_ == Lives::all_equal) first = last = 0;
    places_.emplace_back(arena_.add(bytes, first, last),
                         [address](void* memory) { *address = static_cast<T*>(memory); });
  }
  void place(Tensor& tensor, int first = 0, int last = 0) {
    place(tensor.bytes(), &tensor.data, first, last);
    // An evaluation has no batch norms that would write it.
    if (lives_ == Lives::all_equal && backend_.wants_largest()) {
      place(sizeof *tensor.largest, &tensor.largest, first, last);
    }
  }
  /// Takes `reuse` if it is large enough, else new memory. OutOfMemory names the largest batch that
  /// fits.
  std::shared_ptr<DeviceMemory> finish(std::shared_ptr<DeviceMemory> reuse);

 private:
  /// The ops are planned when the buffers have their memory, and take more of a size that hardly
  /// depends on the batch: transformed weights, scratch, a second set while they are timed. On a
  /// CPU, by the peak of a process at width 64, about 7 times the largest weight to train, 11 with
  /// an evaluation's plan behind it.
  static constexpr std::size_t ops_per_weight = 12;

  [[nodiscard]] std::shared_ptr<DeviceMemory> allocate(std::size_t bytes) const;

  Backend& backend_;
  BatchShape batch_;
  std::int64_t unit_;
  Lives lives_;
  std::size_t ops_bytes_;
  ArenaPlan arena_;
  std::vector<std::pair<std::size_t, std::function<void(void*)>>> places_;  ///< by buffer
};

/// The head that both kinds of plan end with.
[[nodiscard]] HeadLossParams head_params(const PlanBuilder& builder, const UNetConfig& config,
                                         const LossOptions& loss);

}  // namespace hikaku
