// batch_norm and max_pool on the CPU: memory-bound vector passes.
#pragma once

#include <vector>

#include "cpu/context.h"
#include "ops/batch_norm.h"
#include "ops/fold_batch_norm.h"
#include "ops/max_pool.h"

namespace hikaku::cpu {

/// Sums over a batch, [c] each, and what follows from them.
struct BatchStatistics {
  explicit BatchStatistics(std::int64_t channels)
      : mean(static_cast<std::size_t>(channels)), deviation(mean) {}
  std::vector<double> mean, deviation;  ///< deviation: sum of squared deviations

  /// Fills `saved` and updates the running statistics (see ops/batch_norm.h).
  void finish(double count, float eps, float momentum, const BatchNormState& state,
              const BatchNormSaved& saved) const;
};

/// scale = gamma * inverse_deviation, offset = beta - mean * scale; [c] each.
void affine_of(const BatchNormState& state, const float* mean, const float* inverse_deviation,
               std::int64_t channels, float* scale, float* offset);

/// dz = a * g + b * z + c from the sums of g and g * (z - mean); also dgamma and dbeta. [c] each.
struct GradientFactors {
  explicit GradientFactors(std::int64_t channels)
      : sum(static_cast<std::size_t>(channels)), sum_z(sum), a(sum.size()), b(a), c(a) {}
  std::vector<double> sum, sum_z;
  std::vector<float> a, b, c;

  void finish(double count, const BatchNormState& state, const BatchNormSaved& saved, float* dgamma,
              float* dbeta);
};

class CpuBatchNorm final : public BatchNorm {
 public:
  CpuBatchNorm(const BatchNormParams& params, Context& context);
  void forward(const Tensor& z, const BatchNormState& state, const BatchNormSaved& saved,
               const Tensor& y, const Tensor& pooled) override;
  void backward(const Tensor& z, const BatchNormState& state, const BatchNormSaved& saved,
                const Tensor& dy, const Tensor& dpooled, float* dgamma, float* dbeta,
                const Tensor& dz) override;

 private:
  BatchNormParams params_;
  const Kernels& kernels_;
  double count_;
  std::vector<float> scale_, offset_;
  BatchStatistics statistics_;
  GradientFactors factors_;
};

void fold_batch_norm(const FoldBatchNormArgs& args);

class CpuMaxPool final : public MaxPool {
 public:
  explicit CpuMaxPool(Context& context) : kernels_(context.kernels) {}
  void forward(const Tensor& x, const Tensor& copy, const Tensor& y) override {
    kernels_.max_pool(x, copy, y);
  }

 private:
  const Kernels& kernels_;
};

}  // namespace hikaku::cpu
