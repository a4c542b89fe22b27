// What a device offers to the planner: memory, and an object for each op planned for one shape.
// Exactly two exist, CPU and CUDA. Calls of one backend run in order, and may return before they
// are done: only synchronize() and copy_to_host() wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ops/accumulate.h"
#include "ops/adam.h"
#include "ops/batch_norm.h"
#include "ops/conv2d.h"
#include "ops/fold_batch_norm.h"
#include "ops/head_loss.h"
#include "ops/matmul.h"
#include "ops/max_pool.h"
#include "ops/up_block.h"

namespace hikaku {

/// How products are computed; parameters, statistics and sums are f32 or better in each.
enum class Precision : std::uint8_t {
  f32,   ///< true f32, without tensor cores
  f32x,  ///< f32's accuracy from tensor cores: each operand split in two f16, three products
  tf32,  ///< f32 storage, products of 11-bit mantissas
  bf16,  ///< 16-bit storage of activations
  f16,   ///< likewise, with loss scaling
};
[[nodiscard]] const char* name_of(Precision precision);  ///< "tf32"

/// Work that was recorded once, to be run again and again.
class Recording {
 public:
  virtual ~Recording() = default;
  virtual void run() = 0;
};

/// A library that a device computes with: the version that it was built with and the loaded one.
struct LibraryVersion {
  std::string name, compiled, loaded;
};

class Backend {
 public:
  virtual ~Backend() = default;

  [[nodiscard]] virtual std::string name() const = 0;  ///< "cpu", "cuda:0"
  [[nodiscard]] virtual Precision precision() const = 0;
  /// Those that the program itself has not.
  [[nodiscard]] virtual std::vector<LibraryVersion> libraries() const { return {}; }
  /// The most memory that this program has had on the device at one time; on a GPU, since this
  /// backend was opened.
  [[nodiscard]] virtual std::int64_t peak_memory_bytes() const = 0;
  /// What is free on the device now.
  [[nodiscard]] virtual std::int64_t available_memory_bytes() const = 0;

  /// Zeroed, aligned to 64 bytes or better. Throws OutOfMemory (base/memory.h).
  virtual void* allocate(std::size_t bytes) = 0;
  virtual void release(void* memory) noexcept = 0;
  virtual void copy_to_device(const void* host, void* device, std::size_t bytes) = 0;
  /// As copy_to_device, but may overtake the ops that were called before: none of them uses
  /// `device`. `host` may be written again at once.
  virtual void upload(const void* host, void* device, std::size_t bytes) = 0;
  /// From one place on the device to another; they do not overlap.
  virtual void copy(const void* from, void* to, std::size_t bytes) = 0;
  virtual void copy_to_host(const void* device, void* host, std::size_t bytes) = 0;
  virtual void synchronize() = 0;
  /// Whether Conv2d::backward may return before dweight is complete, so that it gains by a dx that
  /// has memory of its own.
  [[nodiscard]] virtual bool overlaps() const = 0;

  /// Whether convolutions use Tensor::largest of what they read.
  [[nodiscard]] virtual bool wants_largest() const { return false; }

  /// The type and the dense layout of an activation, without memory, in a network with this channel
  /// unit (Conv2dParams). Pictures, whose channels the unit does not divide, are f32 in NCHW.
  [[nodiscard]] virtual Tensor activation(const Shape& shape, std::int64_t channel_unit) const = 0;

  /// `work` calls ops of this backend, and does so with the same arguments each time: a GPU keeps
  /// their launches as one graph, a CPU calls `work` again. It may be called here, but then its
  /// effects are those of no run.
  virtual std::unique_ptr<Recording> record(std::function<void()> work) = 0;

  virtual std::unique_ptr<Conv2d> conv2d(const Conv2dParams& params, ConvUse use) = 0;
  virtual std::unique_ptr<BatchNorm> batch_norm(const BatchNormParams& params) = 0;
  virtual std::unique_ptr<MaxPool> max_pool(const MaxPoolParams& params) = 0;
  virtual std::unique_ptr<UpBlock> up_block(const UpBlockParams& params, ConvUse use) = 0;
  virtual std::unique_ptr<HeadLoss> head_loss(const HeadLossParams& params) = 0;
  virtual void fold_batch_norm(const FoldBatchNormArgs& args) = 0;
  /// Leaves the arrays as they are if `loss`, on the device, is not finite; null: does not ask.
  virtual void adam(const AdamParams& params, std::int64_t step, const AdamArrays& arrays,
                    const LossValue* loss) = 0;
  virtual void accumulate(const AccumulateArgs& args) = 0;

  /// What the device keeps from step to step beside a model's arrays, for training to go on as if
  /// it had not stopped: the loss scale of f16. Empty where it keeps nothing.
  [[nodiscard]] virtual std::vector<float> step_state() = 0;
  /// Takes back what step_state() of a device of this kind and precision gave; another count is
  /// left alone.
  virtual void set_step_state(std::span<const float> state) = 0;

  /// In the kind of numbers that `params` names, whatever precision() is. Throws ExitCode::usage
  /// for one that this device lacks, perhaps not before the first run.
  virtual std::unique_ptr<Matmul> matmul(const MatmulParams& params) = 0;
};

/// The one device that the program itself runs on.
[[nodiscard]] inline bool is_cpu(const Backend& backend) { return backend.name() == "cpu"; }

}  // namespace hikaku
