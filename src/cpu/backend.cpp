#include "cpu/backend.h"

#include <cmath>
#include <cstring>

#include "base/memory.h"
#include "cpu/accumulate.h"
#include "cpu/batch_norm.h"
#include "cpu/blas/matmul.h"
#include "cpu/context.h"
#include "cpu/conv2d.h"
#include "cpu/head_loss.h"
#include "cpu/up_block.h"

namespace hikaku {
namespace {

class Work final : public Recording {
 public:
  explicit Work(std::function<void()> work) : work_(std::move(work)) {}
  void run() override { work_(); }

 private:
  std::function<void()> work_;
};

class CpuBackend final : public Backend {
 public:
  ~CpuBackend() override { context_.tuning.save(); }

  [[nodiscard]] std::string name() const override { return "cpu"; }
  [[nodiscard]] Precision precision() const override { return Precision::f32; }
  [[nodiscard]] std::int64_t peak_memory_bytes() const override { return peak_process_memory(); }
  [[nodiscard]] std::int64_t available_memory_bytes() const override {
    return read_memory().available;
  }
  void* allocate(std::size_t bytes) override { return cpu::allocate_memory(bytes); }
  void release(void* memory) noexcept override { cpu::release_memory(memory); }
  void copy_to_device(const void* host, void* device, std::size_t bytes) override {
    std::memcpy(device, host, bytes);
  }
  void upload(const void* host, void* device, std::size_t bytes) override {
    copy_to_device(host, device, bytes);
  }
  void copy(const void* from, void* to, std::size_t bytes) override {
    std::memcpy(to, from, bytes);
  }
  void copy_to_host(const void* device, void* host, std::size_t bytes) override {
    std::memcpy(host, device, bytes);
  }
  void synchronize() override {}  // every op returns when it is done
  [[nodiscard]] bool overlaps() const override { return false; }

  [[nodiscard]] Tensor activation(const Shape& shape, std::int64_t channel_unit) const override {
    return {nullptr, DType::f32, shape, context_.layout_of(shape, channel_unit)};
  }
  std::unique_ptr<Recording> record(std::function<void()> work) override {
    return std::make_unique<Work>(std::move(work));
  }

  std::unique_ptr<Conv2d> conv2d(const Conv2dParams& params, ConvUse use) override {
    return std::make_unique<cpu::CpuConv2d>(params, use, context_);
  }
  std::unique_ptr<BatchNorm> batch_norm(const BatchNormParams& params) override {
    return std::make_unique<cpu::CpuBatchNorm>(params, context_);
  }
  std::unique_ptr<MaxPool> max_pool(const MaxPoolParams& /*params*/) override {
    return std::make_unique<cpu::CpuMaxPool>(context_);
  }
  std::unique_ptr<UpBlock> up_block(const UpBlockParams& params, ConvUse use) override {
    return std::make_unique<cpu::CpuUpBlock>(params, use, context_);
  }
  std::unique_ptr<HeadLoss> head_loss(const HeadLossParams& params) override {
    return std::make_unique<cpu::CpuHeadLoss>(params, context_);
  }
  void fold_batch_norm(const FoldBatchNormArgs& args) override { cpu::fold_batch_norm(args); }
  void adam(const AdamParams& params, std::int64_t step, const AdamArrays& arrays,
            const LossValue* loss) override {
    if (loss == nullptr || std::isfinite(loss->total)) context_.kernels.adam(params, step, arrays);
  }
  void accumulate(const AccumulateArgs& args) override { cpu::accumulate(args); }
  [[nodiscard]] std::vector<float> step_state() override { return {}; }
  void set_step_state(std::span<const float> /*state*/) override {}
  std::unique_ptr<Matmul> matmul(const MatmulParams& params) override {
    return make_cpu_matmul(params);
  }

 private:
  cpu::Context context_;
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend() { return std::make_unique<CpuBackend>(); }

}  // namespace hikaku
