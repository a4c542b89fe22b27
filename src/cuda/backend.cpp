#include "cuda/backend.h"

#include "cuda/accumulate.h"
#include "cuda/adam.h"
#include "cuda/batch_norm.h"
#include "cuda/conv2d.h"
#include "cuda/fold_batch_norm.h"
#include "cuda/head_loss.h"
#include "cuda/libraries.h"
#include "cuda/matmul.h"
#include "cuda/max_pool.h"
#include "cuda/recording.h"
#include "cuda/split_conv2d.h"
#include "cuda/up_block.h"
#include "cuda/uploader.h"

namespace hikaku::cuda {
namespace {

class CudaBackend final : public Backend {
 public:
  explicit CudaBackend(const CudaOptions& options) : context_(options) { require_kernels(); }

  [[nodiscard]] std::string name() const override {
    return fmt::format("cuda:{}", context_.device);
  }
  [[nodiscard]] Precision precision() const override { return context_.precision; }
  [[nodiscard]] std::vector<LibraryVersion> libraries() const override { return cuda::libraries(); }
  [[nodiscard]] std::int64_t peak_memory_bytes() const override {
    context_.make_current();
    return peak_memory();
  }
  [[nodiscard]] std::int64_t available_memory_bytes() const override {
    context_.make_current();
    return free_memory();
  }

  void* allocate(std::size_t bytes) override {
    context_.make_current();
    return allocate_memory(bytes);
  }
  void release(void* memory) noexcept override { release_memory(memory); }
  void copy_to_device(const void* host, void* device, std::size_t bytes) override {
    copy(host, device, bytes, cudaMemcpyHostToDevice);
  }
  void upload(const void* host, void* device, std::size_t bytes) override {
    context_.make_current();
    uploader_.upload(host, device, bytes);
  }
  void copy(const void* from, void* to, std::size_t bytes) override {
    copy(from, to, bytes, cudaMemcpyDeviceToDevice);
  }
  void copy_to_host(const void* device, void* host, std::size_t bytes) override {
    copy(device, host, bytes, cudaMemcpyDeviceToHost);
    synchronize();
  }
  void synchronize() override {
    current().join();
    HIKAKU_CUDA(cudaStreamSynchronize(context_.stream));
  }

  [[nodiscard]] bool overlaps() const override { return true; }
  [[nodiscard]] bool wants_largest() const override {
    return context_.precision == Precision::f32x || context_.precision == Precision::tf32;
  }

  [[nodiscard]] Tensor activation(const Shape& shape, std::int64_t channel_unit) const override {
    return context_.activation(shape, channel_unit);
  }
  std::unique_ptr<Recording> record(std::function<void()> work) override {
    return cuda::record(work, current());
  }

  std::unique_ptr<Conv2d> conv2d(const Conv2dParams& params, ConvUse use) override {
    if (current().precision == Precision::f32x) {
      if (auto split = make_split_conv2d(params, use, context_)) return split;
    }
    return std::make_unique<CudaConv2d>(params, use, context_);
  }
  std::unique_ptr<BatchNorm> batch_norm(const BatchNormParams& params) override {
    return make_batch_norm(params, current());
  }
  std::unique_ptr<MaxPool> max_pool(const MaxPoolParams& params) override {
    return make_max_pool(params, current());
  }
  std::unique_ptr<UpBlock> up_block(const UpBlockParams& params, ConvUse use) override {
    return make_up_block(params, use, current());
  }
  std::unique_ptr<HeadLoss> head_loss(const HeadLossParams& params) override {
    return make_head_loss(params, current());
  }
  void fold_batch_norm(const FoldBatchNormArgs& args) override {
    cuda::fold_batch_norm(args, current());
  }
  void adam(const AdamParams& params, std::int64_t step, const AdamArrays& arrays,
            const LossValue* loss) override {
    current().join();
    cuda::adam(params, step, arrays, loss, context_);
  }
  void accumulate(const AccumulateArgs& args) override {
    current().join();
    cuda::accumulate(args, context_);
  }
  [[nodiscard]] std::vector<float> step_state() override {
    if (context_.precision != Precision::f16) return {};
    LossScale scale;
    copy_to_host(context_.loss_scale, &scale, sizeof scale);
    return {scale.scale, static_cast<float>(scale.good_steps)};
  }
  void set_step_state(std::span<const float> state) override {
    if (context_.precision != Precision::f16 || state.size() != 2) return;
    LossScale scale;
    scale.scale = state[0];
    scale.inverse = 1 / state[0];
    scale.good_steps = static_cast<int>(state[1]);
    copy_to_device(&scale, context_.loss_scale, sizeof scale);
  }
  std::unique_ptr<Matmul> matmul(const MatmulParams& params) override {
    return make_cuda_matmul(params, current());
  }

 private:
  Context& current() {
    context_.make_current();
    return context_;
  }
  /// Memory of the host that is not pinned is read before the call returns.
  void copy(const void* from, void* to, std::size_t bytes, cudaMemcpyKind kind) {
    current().join();
    if (bytes > 0) HIKAKU_CUDA(cudaMemcpyAsync(to, from, bytes, kind, context_.stream));
  }

  Context context_;
  Uploader uploader_{context_};
};

}  // namespace

std::unique_ptr<Backend> make_backend(const CudaOptions& options) {
  return std::make_unique<CudaBackend>(options);
}

}  // namespace hikaku::cuda
