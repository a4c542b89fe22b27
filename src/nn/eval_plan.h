// Evaluation of the U-Net, planned once for (device, batch, size). Batch norms are folded into the
// convolutions' weights, so that a layer is one primitive; buffers share memory as soon as they
// can.
#pragma once

#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "nn/unet_nodes.h"

namespace hikaku {

class EvalPlan {
 public:
  /// `memory`: as TrainPlan's. `folded` of another plan of the same model is used again: plans that
  /// share it evaluate the same weights.
  EvalPlan(const Model& model, const BatchShape& batch, const LossOptions& loss,
           std::shared_ptr<DeviceMemory> memory = nullptr,
           std::shared_ptr<DeviceMemory> folded = nullptr);
  ~EvalPlan();

  /// Reads the model's weights and running statistics: after each change of them.
  void load_weights();

  /// The loss of a batch and, unless null, the class of each pixel [n, h, w]; all on the device, as
  /// TrainPlan::step's, and recorded likewise.
  LossValue evaluate(const float* images, const std::uint8_t* labels,
                     std::uint8_t* classes = nullptr);
  /// The same in two parts.
  void begin(const float* images, const std::uint8_t* labels, std::uint8_t* classes);
  LossValue finish();
  /// The logits of that batch, dense NCHW, on the device.
  void logits(float* out);
  void forward(const float* images);

  [[nodiscard]] const std::shared_ptr<DeviceMemory>& folded() const { return folded_; }

 private:
  struct Unit;  // convolution with bias and ReLU
  struct Step;  // a way up

  std::unique_ptr<Unit> make_unit(PlanBuilder& builder, const ConvNormTensors& tensors, int level,
                                  bool pool, int time);
  std::unique_ptr<Step> make_step(PlanBuilder& builder, const UpTensors& tensors, int level,
                                  int time);
  void place_folded();

  const Model& model_;
  UNetNodes<Unit, Step> nodes_;
  std::unique_ptr<HeadLoss> head_;
  std::shared_ptr<DeviceMemory> folded_;  ///< weight, then bias of each unit, one after the other
  std::shared_ptr<DeviceMemory> memory_;
  DeviceMemory loss_;  ///< a LossValue
  using Arguments = std::tuple<const float*, const std::uint8_t*, std::uint8_t*>;
  std::map<Arguments, std::unique_ptr<Recording>> recordings_;
};

}  // namespace hikaku
