// head_loss on the CPU: two passes over x, logits formed anew in each.
#pragma once

#include <vector>

#include "cpu/context.h"
#include "ops/head_loss.h"

namespace hikaku::cpu {

class CpuHeadLoss final : public HeadLoss {
 public:
  CpuHeadLoss(const HeadLossParams& params, Context& context);

  void forward(const Tensor& x, const float* weight, const float* bias, const std::uint8_t* labels,
               LossValue* loss) override;
  void backward(const Tensor& x, const float* weight, const float* bias, const std::uint8_t* labels,
                const Tensor& dx, float* dweight, float* dbias) override;
  void predict(const Tensor& x, const float* weight, const float* bias,
               std::uint8_t* classes) override;
  void logits(const Tensor& x, const float* weight, const float* bias, float* out) override;

 private:
  HeadLossParams params_;
  const Kernels& kernels_;
  std::vector<double> probability_, overlap_, count_;  ///< [n, classes], from the last forward
  std::vector<float> alpha_, beta_;                    ///< likewise: Dice's part of the gradient
  double weight_sum_ = 0;
};

}  // namespace hikaku::cpu
