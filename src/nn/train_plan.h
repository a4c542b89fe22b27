// One training step of the U-Net, planned once for (device, batch, size) and then only run: every
// buffer and primitive exists before the first step.
//
// An activation is kept twice, as the convolution's raw output z and as y = pool(relu(norm(z))).
// Backward needs no memory of its own: the gradient of z is written over z, and that of a
// convolution's input over the input, once the weight gradient has read it. A device that can do
// both at one time gets a little more memory (GradientMemory), so that nothing waits.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "nn/unet_nodes.h"

namespace hikaku {

/// Seconds of the parts of one step, each waited for before the next began.
struct StepPhases {
  double forward = 0, loss = 0, backward = 0, adam = 0;
  [[nodiscard]] double sum() const { return forward + loss + backward + adam; }
};

class TrainPlan {
 public:
  /// `memory` of another plan of the same backend is used again if it is large enough; plans that
  /// share it must not be in the middle of a step at the same time.
  TrainPlan(Model& model, const BatchShape& batch, const LossOptions& loss,
            std::shared_ptr<DeviceMemory> memory = nullptr);
  ~TrainPlan();

  /// `images` NCHW f32 and `labels` [n, h, w] lie on the device; what is done with them is recorded
  /// once for each pair of addresses. A loss that is not finite throws ExitCode::diverged and
  /// leaves the weights and moments as they were.
  LossValue step(const float* images, const std::uint8_t* labels, const AdamParams& adam);
  /// The same in two parts: a GPU works while the caller does something else between them.
  void begin_step(const float* images, const std::uint8_t* labels, const AdamParams& adam);
  LossValue finish_step();
  /// A step whose parts are recorded and run apart and each waited for, so that its time can be
  /// told by parts. What a GPU does across their borders is lost; step() itself knows nothing of
  /// it.
  StepPhases profile_step(const float* images, const std::uint8_t* labels, const AdamParams& adam);
  /// For a step of several batches, each with its share of the gradient: all but the last one go
  /// through begin_batch() and finish_batch(), the last one through begin_last_batch() and
  /// finish_step().
  void begin_batch(const float* images, const std::uint8_t* labels, float share, bool first);
  LossValue finish_batch() { return finite_loss(); }
  void begin_last_batch(const float* images, const std::uint8_t* labels, float share,
                        const AdamParams& adam);
  /// The step without Adam: the gradients are left in the model.
  LossValue forward_backward(const float* images, const std::uint8_t* labels);

  /// The logits of a forward pass in training mode, on the host, dense NCHW.
  std::vector<float> training_logits(const float* images);

  [[nodiscard]] const std::shared_ptr<DeviceMemory>& memory() const { return memory_; }

 private:
  struct Unit;  // convolution, batch norm, ReLU and perhaps a pool
  struct Step;  // a way up
  std::unique_ptr<Unit> make_unit(PlanBuilder& builder, const ConvNormTensors& tensors, int level,
                                  bool pool, bool first_layer);
  std::unique_ptr<Step> make_step(PlanBuilder& builder, const UpTensors& tensors, int level);
  void place_gradients(PlanBuilder& builder);
  void connect_gradients();
  void forward(const float* images);
  void loss(const std::uint8_t* labels);
  void backward();
  using Places = std::pair<const float*, const std::uint8_t*>;
  /// Forward, loss and backward of what lies at these addresses.
  Recording& recording(const float* images, const std::uint8_t* labels);
  /// Waits for the loss of the step that was begun. Throws ExitCode::diverged.
  LossValue finite_loss();

  Model& model_;
  BatchShape batch_;
  UNetNodes<Unit, Step> nodes_;
  std::unique_ptr<HeadLoss> head_;
  /// Of the inputs of convolutions, where they are not written over the inputs.
  struct GradientMemory {
    bool there = false;
    void* one = nullptr;         ///< serves one convolution after the other
    std::vector<Tensor> joined;  ///< of the concatenations of the first levels
  } gradients_;
  std::shared_ptr<DeviceMemory> memory_;
  DeviceMemory loss_;  ///< a LossValue
  std::map<Places, std::unique_ptr<Recording>> recordings_;
  struct Parts {
    std::unique_ptr<Recording> forward, loss, backward;
  };
  std::map<Places, Parts> parts_;  ///< of profile_step alone
};

}  // namespace hikaku
