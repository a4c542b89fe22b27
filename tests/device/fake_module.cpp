// In place of the module for GPUs: the CPU under the name of a GPU, in whatever precision is asked
// for, so that the program runs on two devices where there is one. Its faults are chosen by
// HIKAKU_FAKE_GPU:
//   product   one element of each product is wrong
//   adam      each step goes twice as far
//   lost      it falls off the bus in the ninth step
//   turing    no tf32, bf16 or fp8
//   no_kernels, old_driver   what the real module throws then
// HIKAKU_FAKE_GPU_BYTES: its memory.
#include <cstdlib>
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "../support/pretend_matmul.h"
#include "base/memory.h"
#include "cpu/backend.h"
#include "device/cuda_module.h"

namespace hikaku {
namespace {

bool fault(std::string_view name) {
  const char* chosen = std::getenv("HIKAKU_FAKE_GPU");
  return chosen != nullptr && name == chosen;
}

void require_later(bool needs_ampere, const char* what) {
  if (fault("turing") && needs_ampere) {
    throw Error(ExitCode::usage, fmt::format("{}: not on this GPU", what), "use f32");
  }
}

/// Product with a wrong element.
class WrongMatmul final : public Matmul {
 public:
  explicit WrongMatmul(const MatmulParams& params) : right_(params) {}
  double run(const void* a, const void* b, void* c) override {
    const double seconds = right_.run(a, b, c);
    static_cast<unsigned char*>(c)[1] ^= 0x40u;
    return seconds;
  }
  [[nodiscard]] std::string implementation() const override { return "wrong"; }

 private:
  PretendMatmul right_;
};

/// A product that was launched is computed when somebody waits for it.
class QueuedMatmul final : public Matmul {
 public:
  QueuedMatmul(const MatmulParams& params, std::vector<std::function<void()>>& queue)
      : product_(params), queue_(queue) {}
  double run(const void* a, const void* b, void* c) override { return product_.run(a, b, c); }
  void launch(const void* a, const void* b, void* c) override {
    queue_.emplace_back([=, this] { product_.run(a, b, c); });
  }
  [[nodiscard]] std::string implementation() const override { return product_.implementation(); }

 private:
  PretendMatmul product_;
  std::vector<std::function<void()>>& queue_;
};

class FakeGpu final : public Backend {
 public:
  explicit FakeGpu(const CudaOptions& options) : options_(options) {
    require_later(options.precision == Precision::tf32 || options.precision == Precision::bf16,
                  name_of(options.precision));
    if (const char* bytes = std::getenv("HIKAKU_FAKE_GPU_BYTES")) free_ = std::atoll(bytes);
  }

  [[nodiscard]] std::string name() const override {
    return fmt::format("cuda:{}", options_.device);
  }
  [[nodiscard]] Precision precision() const override { return options_.precision; }
  [[nodiscard]] std::int64_t peak_memory_bytes() const override { return 0; }
  [[nodiscard]] std::int64_t available_memory_bytes() const override { return free_; }

  void* allocate(std::size_t bytes) override {
    if (static_cast<std::int64_t>(bytes) > free_) {
      throw OutOfMemory("GPU memory", "one more array", bytes, static_cast<std::size_t>(free_),
                        "free it");
    }
    void* memory = cpu_->allocate(bytes);
    sizes_[memory] = static_cast<std::int64_t>(bytes);
    free_ -= static_cast<std::int64_t>(bytes);
    return memory;
  }
  void release(void* memory) noexcept override {
    free_ += sizes_[memory];
    cpu_->release(memory);
  }
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
  void synchronize() override {
    for (const auto& work : queue_) work();
    queue_.clear();
  }
  [[nodiscard]] bool overlaps() const override { return true; }
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
    AdamParams used = params;
    if (fault("adam")) used.learning_rate *= 2;
    if (fault("lost") && step == 9) {
      throw Error(ExitCode::missing, "[cuda] cudaStreamSynchronize(stream): unknown error",
                  "nvidia-smi tells how the GPU failed");
    }
    cpu_->adam(used, step, arrays, loss);
    state_[0] += 1;  // as a loss scale, it depends on all steps before
  }
  void accumulate(const AccumulateArgs& args) override { cpu_->accumulate(args); }
  [[nodiscard]] std::vector<float> step_state() override { return state_; }
  void set_step_state(std::span<const float> state) override {
    state_.assign(state.begin(), state.end());
  }
  std::unique_ptr<Matmul> matmul(const MatmulParams& params) override {
    require_later(params.math == MatmulMath::fp8 || params.math == MatmulMath::tf32 ||
                      params.dtype == DType::bf16,
                  name_of(params));
    if (fault("product")) return std::make_unique<WrongMatmul>(params);
    return std::make_unique<QueuedMatmul>(params, queue_);
  }

 private:
  CudaOptions options_;
  std::unique_ptr<Backend> cpu_ = make_cpu_backend();
  std::map<void*, std::int64_t> sizes_;
  std::vector<std::function<void()>> queue_;
  std::int64_t free_ = std::int64_t{1} << 40;
  std::vector<float> state_{8192};
};

void throw_faults() {
  if (fault("old_driver")) {
    throw Error(ExitCode::missing, "the NVIDIA driver supports CUDA 11.4; 13.0 is needed",
                "install a newer NVIDIA driver, or use --device cpu");
  }
  if (fault("no_kernels")) {
    throw Error(ExitCode::missing, "no kernels for this GPU", "build again");
  }
}

}  // namespace
}  // namespace hikaku

extern "C" hikaku::Backend* hikaku_cuda_open(const hikaku::CudaOptions* options) {
  hikaku::throw_faults();
  return std::make_unique<hikaku::FakeGpu>(*options).release();
}
