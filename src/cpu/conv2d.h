// conv2d on the CPU: oneDNN's direct or Winograd convolution, whichever is faster for the shape.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "cpu/context.h"
#include "cpu/onednn.h"
#include "ops/conv2d.h"

namespace hikaku::cpu {

class CpuConv2d final : public Conv2d {
 public:
  CpuConv2d(const Conv2dParams& params, ConvUse use, Context& context);

  void load_weight(const float* weight) override;
  void forward(const Tensor& x, const float* bias, bool relu, const Tensor& y) override;
  void backward_data(const Tensor& dy, const Tensor& dx) override;
  void backward_weight(const Tensor& x, const Tensor& dy, float* dweight) override;

 private:
  /// A primitive and the way from or to its own form of the weight.
  struct Pass {
    std::unique_ptr<OneDnnConvolution> convolution;
    WeightReorder reorder;
  };
  [[nodiscard]] ConvDescription describe(ConvPass pass) const;
  ConvAlgorithm choose(ConvPass pass);
  Pass plan(ConvPass pass);
  OneDnnConvolution& forward_variant(bool bias, bool relu);
  void* own_weight(Pass& pass);
  void reserve(const OneDnnConvolution& convolution);
  [[nodiscard]] void* scratch_behind(const OneDnnConvolution& convolution) const;
  void require_shapes(const char* pass, const Tensor& x, const Tensor& y) const;

  Conv2dParams params_;
  ConvUse use_;
  Context& context_;
  Layout x_, y_;
  ConvAlgorithm forward_algorithm_ = ConvAlgorithm::direct;
  Pass forward_, backward_data_, backward_weight_;
  const float* weight_ = nullptr;  ///< training: reordered where it is used, as it changes each step
  Memory inference_weight_;        ///< inference: reordered once
  std::array<std::unique_ptr<OneDnnConvolution>, 4> variants_;  ///< with bias + 2 * relu
};

}  // namespace hikaku::cpu
