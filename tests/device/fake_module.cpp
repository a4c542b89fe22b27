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

#include "../support/passing_backend.h"
#include "../support/pretend_matmul.h"
#include "base/memory.h"
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

class FakeGpu final : public PassingBackend {
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
    void* memory = PassingBackend::allocate(bytes);
    sizes_[memory] = static_cast<std::int64_t>(bytes);
    free_ -= static_cast<std::int64_t>(bytes);
    return memory;
  }
  void release(void* memory) noexcept override {
    free_ += sizes_[memory];
    PassingBackend::release(memory);
  }
  void synchronize() override {
    for (const auto& work : queue_) work();
    queue_.clear();
  }
  [[nodiscard]] bool overlaps() const override { return true; }
  void adam(const AdamParams& params, std::int64_t step, const AdamArrays& arrays,
            const LossValue* loss) override {
    AdamParams used = params;
    if (fault("adam")) used.learning_rate *= 2;
    if (fault("lost") && step == 9) {
      throw Error(ExitCode::missing, "[cuda] cudaStreamSynchronize(stream): unknown error",
                  "nvidia-smi tells how the GPU failed");
    }
    PassingBackend::adam(used, step, arrays, loss);
    state_[0] += 1;  // as a loss scale, it depends on all steps before
  }
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
