// up_block on the CPU: two 1x1 products at the low resolution and gathers (docs/up-block.md).
#pragma once

#include <vector>

#include "cpu/batch_norm.h"
#include "cpu/conv2d.h"
#include "ops/up_block.h"

namespace hikaku::cpu {

class CpuUpBlock final : public UpBlock {
 public:
  CpuUpBlock(const UpBlockParams& params, ConvUse use, Context& context);

  void forward(const Tensor& x, const UpBlockState& state, const Tensor& y,
               void* workspace) override;
  void load_for_inference(const UpBlockState& state) override;
  void infer(const Tensor& x, const Tensor& y, void* workspace) override;
  void backward(const Tensor& x, const UpBlockState& state, const Tensor& dy,
                const UpBlockGradients& gradients, const Tensor& dx, void* workspace) override;
  [[nodiscard]] std::size_t workspace_bytes() const override;

 private:
  /// The 1x1 convolution c_in -> 4 * c_out whose output are the maps of the four taps.
  [[nodiscard]] std::int64_t channel_unit() const;
  [[nodiscard]] Conv2dParams product() const;
  [[nodiscard]] Tensor maps(void* workspace) const;
  [[nodiscard]] UpGatherArgs gather(void* workspace) const;
  /// From batch norm 1's k and t to the product's weight [4, c_out, c_in] and the taps' constants.
  void fold_norm1(const UpBlockState& state);
  /// weight_ [4, c_out, c_in] from OIHW, times `scale` [c_in] if it is not null.
  void rearrange(const float* weight, const float* scale);
  void weight_gradient(const UpBlockState& state, const UpBlockGradients& gradients);
  void input_gradient(const Tensor& x, const Tensor& gx, const UpBlockGradients& gradients,
                      const Tensor& dx);

  UpBlockParams params_;
  Context& context_;
  CpuConv2d product_;
  double count_;
  std::vector<float> scale1_, offset1_, scale2_, offset2_;
  std::vector<float> mean1_, inverse1_, mean2_, inverse2_;  ///< kept from forward to backward
  std::vector<float> weight_, dweight_, border_;
  std::vector<double> taps_;
  BatchStatistics statistics1_, statistics2_;
  GradientFactors factors1_, factors2_;
};

}  // namespace hikaku::cpu
