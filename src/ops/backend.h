// What a device offers to the planner: memory, and an object for each op planned for one shape.
// Exactly two exist, CPU and CUDA. Calls of one backend run in order; synchronize() waits for them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "ops/adam.h"
#include "ops/batch_norm.h"
#include "ops/conv2d.h"
#include "ops/fold_batch_norm.h"
#include "ops/head_loss.h"
#include "ops/max_pool.h"
#include "ops/up_block.h"

namespace hikaku {

class Backend {
 public:
  virtual ~Backend() = default;

  [[nodiscard]] virtual std::string name() const = 0;  ///< "cpu", "cuda:0"

  /// Zeroed, aligned to 64 bytes or better. Throws OutOfMemory (base/memory.h).
  virtual void* allocate(std::size_t bytes) = 0;
  virtual void release(void* memory) noexcept = 0;
  virtual void copy_to_device(const void* host, void* device, std::size_t bytes) = 0;
  virtual void copy_to_host(const void* device, void* host, std::size_t bytes) = 0;
  virtual void synchronize() = 0;

  /// The dense layout of an activation in a network with this channel unit (Conv2dParams).
  [[nodiscard]] virtual Layout activation_layout(const Shape& shape,
                                                 std::int64_t channel_unit) const = 0;

  virtual std::unique_ptr<Conv2d> conv2d(const Conv2dParams& params, ConvUse use) = 0;
  virtual std::unique_ptr<BatchNorm> batch_norm(const BatchNormParams& params) = 0;
  virtual std::unique_ptr<MaxPool> max_pool(const MaxPoolParams& params) = 0;
  virtual std::unique_ptr<UpBlock> up_block(const UpBlockParams& params, ConvUse use) = 0;
  virtual std::unique_ptr<HeadLoss> head_loss(const HeadLossParams& params) = 0;
  virtual void fold_batch_norm(const FoldBatchNormArgs& args) = 0;
  virtual void adam(const AdamParams& params, std::int64_t step, const AdamArrays& arrays) = 0;
};

}  // namespace hikaku
