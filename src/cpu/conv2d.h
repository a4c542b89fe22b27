// conv2d on the CPU: our Winograd kernels, oneDNN's or its direct convolution, whichever is the
// fastest for the shape.
#pragma once

#include <memory>
#include <optional>

#include "cpu/context.h"
#include "cpu/onednn.h"
#include "ops/conv2d.h"

namespace hikaku::cpu {

enum class ConvAlgorithm : std::uint8_t { direct, onednn_winograd, winograd };
[[nodiscard]] const char* name_of(ConvAlgorithm algorithm);

class CpuConv2d final : public Conv2d {
 public:
  /// Each pass by the algorithm that was fastest. HIKAKU_CONV2D=direct|onednn_winograd|winograd
  /// (environment) asks for one, wherever it fits. `algorithm` demands one for all passes: throws
  /// ExitCode::internal if it does not fit the shape, dnnl::error if oneDNN does not have it.
  CpuConv2d(const Conv2dParams& params, ConvUse use, Context& context,
            std::optional<ConvAlgorithm> algorithm = {});

  /// For inference, too, `bias` may be null: forward then neither adds nor clamps.
  void load_weight(const float* weight, const float* bias) override;
  void forward(const Tensor& x, const Tensor& y) override;
  void backward(const Tensor& x, const Tensor& dy, float* dweight, const Tensor& dx) override;
  /// Its two halves.
  void backward_weight(const Tensor& x, const Tensor& dy, float* dweight);
  void backward_data(const Tensor& dy, const Tensor& dx);

 private:
  /// How one pass is done. One of oneDNN's has a primitive, and the way from or to its own form of
  /// the weight.
  struct Pass {
    ConvAlgorithm algorithm = ConvAlgorithm::direct;
    std::unique_ptr<OneDnnConvolution> primitive;
    WeightReorder reorder;
  };
  [[nodiscard]] ConvDescription describe(ConvPass pass, ConvAlgorithm algorithm) const;
  [[nodiscard]] bool winograd_fits() const;
  ConvAlgorithm choose(ConvPass pass);
  [[nodiscard]] bool offers(ConvPass pass, ConvAlgorithm algorithm) const;
  std::string time_algorithms(ConvPass pass, const std::string& key);
  void plan(ConvPass pass, ConvAlgorithm algorithm);
  void plan_primitive(Pass& planned, const ConvDescription& description);
  Pass& pass_of(ConvPass pass);
  void run(ConvPass pass, const Tensor& x, float* weight, const Tensor& y);
  void run_winograd(Pass& pass, const Tensor& x, const Tensor& y);
  void plan_folded();

  /// Bytes of a pass's own form of the weight; the scratch memory begins with it, and what else the
  /// pass needs lies behind.
  [[nodiscard]] std::size_t weight_bytes(const Pass& pass) const;
  void reserve_scratch(const Pass& pass);
  [[nodiscard]] void* behind_weight(const Pass& pass) const;
  void transform_weight(Pass& pass, void* own);
  void* own_weight(Pass& pass);
  void require_shapes(const char* pass, const Tensor& x, const Tensor& y) const;

  Conv2dParams params_;
  ConvUse use_;
  Context& context_;
  Layout x_, y_;
  Pass forward_, backward_data_, backward_weight_;
  /// Transformed where it is used, for inference as well: that costs 2 to 5 % of a pass, and
  /// kept, the transformed weights of a whole network would be half a gigabyte.
  const float* weight_ = nullptr;
  const float* bias_ = nullptr;  ///< inference
  /// Inference by oneDNN: forward with bias and ReLU, for which oneDNN 3 may like another form of
  /// the weight.
  Pass folded_;
};

}  // namespace hikaku::cpu
