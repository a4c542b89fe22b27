// conv2d on the GPU: cuDNN's engines between our own forms of the weight.
#pragma once

#include <memory>

#include "cuda/context.h"
#include "cuda/conv_kernels.h"
#include "cuda/cudnn_graph.h"
#include "cuda/wgrad.h"
#include "ops/conv2d.h"

namespace hikaku::cuda {

class CudaConv2d final : public Conv2d {
 public:
  /// Throws ExitCode::usage for what no engine computes.
  CudaConv2d(const Conv2dParams& params, ConvUse use, Context& context);

  ~CudaConv2d() override { cudaEventDestroy(weight_ready_); }
  CudaConv2d(const CudaConv2d&) = delete;
  CudaConv2d& operator=(const CudaConv2d&) = delete;

  void load_weight(const float* weight, const float* bias) override;
  void forward(const Tensor& x, const Tensor& y) override;
  void backward(const Tensor& x, const Tensor& dy, float* dweight, const Tensor& dx) override;

 private:
  /// A tensor as the engines want it: NHWC of the activation type, its channels in whole vectors of
  /// 16 bytes. One that is not so has a copy of its own, made where it is used.
  struct Side {
    Tensor planned;  ///< what the op is called with, without memory
    Tensor padded;   ///< what the engine is called with
    Memory copy;

    [[nodiscard]] bool copied() const { return copy.get() != nullptr; }
  };
  [[nodiscard]] Side make_side(const Shape& shape) const;
  [[nodiscard]] ConvProblem problem(ConvPass pass, DType weight) const;
  std::unique_ptr<ConvPlan> plan(const ConvProblem& problem);
  void plan_forward();
  void plan_backward_weight();
  /// In tf32, where it is faster than cuDNN's.
  void plan_own_weight_gradient();
  [[nodiscard]] double seconds_of(const WeightGradient& gradient) const;
  /// Aside.
  void backward_weight(void* x, void* dy, float* dweight);
  [[nodiscard]] std::size_t weight_bytes(DType type) const;
  void require_shapes(const char* pass, const Tensor& x, const Tensor& y) const;
  /// The tensor to give to the engine as an input or an output.
  [[nodiscard]] void* input(const Side& side, const Tensor& tensor);
  [[nodiscard]] static void* output(const Side& side, const Tensor& tensor);

  Conv2dParams params_;
  ConvUse use_;
  Context& context_;
  Side x_, y_;
  WeightShape shape_;
  Memory weight_;  ///< KRSC in the activation type
  Memory bias_;    ///< inference: in the activation type
  std::unique_ptr<ConvPlan> forward_, backward_data_, backward_weight_;
  bool fused_ = false;  ///< forward adds the bias and clamps
  const float* loaded_bias_ = nullptr;
  cudaEvent_t weight_ready_ = nullptr;
  bool weight_comes_ = false;                            ///< on its way, aside
  std::unique_ptr<WeightGradient> own_weight_gradient_;  ///< instead of backward_weight_
  DType dweight_type_ = DType::f32;
};

}  // namespace hikaku::cuda
