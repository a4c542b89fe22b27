// A device that gives everything on to the CPU: a test's own device overrides what it wants to see
// or to change.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "cpu/backend.h"
#include "ops/backend.h"

namespace hikaku {

class PassingBackend : public Backend {
 public:
  [[nodiscard]] std::string name() const override { return cpu_->name(); }
  [[nodiscard]] Precision precision() const override { return cpu_->precision(); }
  [[nodiscard]] std::int64_t peak_memory_bytes() const override {
    return cpu_->peak_memory_bytes();
  }
  [[nodiscard]] std::int64_t available_memory_bytes() const override {
    return cpu_->available_memory_bytes();
  }
  void* allocate(std::size_t bytes) override { return cpu_->allocate(bytes); }
  void release(void* memory) noexcept override { cpu_->release(memory); }
  void copy_to_device(const void* host, void* device, std::size_t bytes) override {
    cpu_->copy_to_device(host, device, bytes);
  }
  void upload(const void* host, void* device, std::size_t bytes) override {
    cpu_->upload(host, device, bytes);
  }
  void copy(const void* from, void* to, std::size_t bytes) override { cpu_->copy(from, to, bytes); }
  void copy_to_host(const void* device, void* host, std::size_t bytes) override {
    cpu_->copy_to_host(device, host, bytes);
  }
  void synchronize() override { cpu_->synchronize(); }
  [[nodiscard]] bool overlaps() const override { return cpu_->overlaps(); }
  [[nodiscard]] Tensor activation(const Shape& shape, std::int64_t channel_unit) const override {
    return cpu_->activation(shape, channel_unit);
  }
  std::unique_ptr<Recording> record(std::function<void()> work) override {
    return cpu_->record(std::move(work));
  }
  std::unique_ptr<Conv2d> conv2d(const Conv2dParams& params, ConvUse use) override {
    return cpu_->conv2d(params, use);
  }
  std::unique_ptr<BatchNorm> batch_norm(const BatchNormParams& params) override {
    return cpu_->batch_norm(params);
  }
  std::unique_ptr<MaxPool> max_pool(const MaxPoolParams& params) override {
    return cpu_->max_pool(params);
  }
  std::unique_ptr<UpBlock> up_block(const UpBlockParams& params, ConvUse use) override {
    return cpu_->up_block(params, use);
  }
  std::unique_ptr<HeadLoss> head_loss(const HeadLossParams& params) override {
    return cpu_->head_loss(params);
  }
  void fold_batch_norm(const FoldBatchNormArgs& args) override { cpu_->fold_batch_norm(args); }
  void adam(const AdamParams& params, std::int64_t step, const AdamArrays& arrays,
            const LossValue* loss) override {
    cpu_->adam(params, step, arrays, loss);
  }
  void accumulate(const AccumulateArgs& args) override { cpu_->accumulate(args); }
  [[nodiscard]] std::vector<float> step_state() override { return cpu_->step_state(); }
  void set_step_state(std::span<const float> state) override { cpu_->set_step_state(state); }
  std::unique_ptr<Matmul> matmul(const MatmulParams& params) override {
    return cpu_->matmul(params);
  }

 private:
  std::unique_ptr<Backend> cpu_ = make_cpu_backend();
};

}  // namespace hikaku
