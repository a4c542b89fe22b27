// The table of vector kernels: one per instruction set, chosen once at start.
#pragma once

#include "ops/adam.h"
#include "ops/batch_norm.h"
#include "ops/conv2d.h"
#include "ops/head_loss.h"
#include "tensor/tensor.h"

namespace hikaku::cpu {

/// y = relu(scale * z + offset), per channel, with an optional 2x2 max-pool of y.
struct AffineArgs {
  Tensor z, y, pooled;  ///< pooled.data may be null
  const float* scale;
  const float* offset;
  bool relu;
};

/// The gradient g of a batch norm's output is dy (may be null) plus what the pool sends back
/// (dpooled, may be null), where the ReLU was open; s = scale * z + offset tells where.
struct NormGradientArgs {
  Tensor z, dy, dpooled;
  const float* scale;
  const float* offset;
  bool relu;
};

/// Low-resolution side of an up block (docs/up-block.md). `maps` holds 4 * c_out channels: those of
/// tap (p, q) start at (2 p + q) * c_out. `border` [4, c_out] is the constant each tap adds.
struct UpGatherArgs {
  Tensor maps;
  const float* border;
  Shape output;
};

struct HeadArgs {
  Tensor x;
  const float* weight;  ///< [classes, c]
  const float* bias;    ///< [classes]
  const std::uint8_t* labels;
  const HeadLossParams* params;
};

/// Sums over one image: [classes] each, and the cross-entropy's two.
struct HeadSums {
  double* probability;
  double* overlap;
  double* count;
  double* cross_entropy;  ///< [2]: weighted -log p, weight
};

/// A 3x3 convolution from x to y by Winograd's algorithm; both blocked. Backward by data is the
/// same with dy in x's place, dx in y's, and the weight transformed for it.
struct WinogradArgs {
  Tensor x, y;
  const float* u;     ///< 36 * c_in * c_out floats, by winograd_weight
  const float* bias;  ///< [c_out] or null
  bool relu;
  float* scratch;  ///< winograd_scratch floats
};

struct Kernels {
  const char* isa;
  int block;

  /// Mean and sum of squared deviations of each channel over n, h, w, in double: [c] each.
  void (*moments)(const Tensor& z, double* mean, double* deviation);
  void (*affine)(const AffineArgs& args);
  void (*max_pool)(const Tensor& x, const Tensor& copy, const Tensor& y);
  /// Sums of g and of g * (z - mean) over n, h, w: [c] each.
  void (*norm_gradient_sums)(const NormGradientArgs& args, const float* mean, double* sum,
                             double* sum_z);
  /// dz = a * g + b * z + c, per channel.
  void (*norm_gradient_apply)(const NormGradientArgs& args, const float* a, const float* b,
                              const float* c, const Tensor& dz);

  /// Moments of the bilinear x2 upsampling of x, without forming it.
  void (*up_moments)(const Tensor& x, double* mean, double* deviation);
  /// Moments of the gathered map z.
  void (*up_gather_moments)(const UpGatherArgs& args, double* mean, double* deviation);
  /// y = scale * z + offset of the gathered map z.
  void (*up_gather_affine)(const UpGatherArgs& args, const float* scale, const float* offset,
                           const Tensor& y);
  /// Sums of dy and dy * (z - mean): [c_out] each.
  void (*up_gradient_sums)(const UpGatherArgs& args, const Tensor& dy, const float* mean,
                           double* sum, double* sum_z);
  /// dz = a * dy + b * z + c, sent back to the maps, which it overwrites; taps [4, c_out] = the sum
  /// of dz over the pixels where the tap lies inside.
  void (*up_gradient_maps)(const UpGatherArgs& args, const Tensor& dy, const float* a,
                           const float* b, const float* c, double* taps);
  /// sum over n, h, w of gx * (x - mean): [c].
  void (*centred_dot)(const Tensor& x, const float* mean, const Tensor& gx, double* sum);
  /// dx = k * (gx - c1 * s s' - c2 * (G x G - mean * s s')), per channel; dx may be x.
  void (*up_input_gradient)(const Tensor& x, const Tensor& gx, const float* k, const float* c1,
                            const float* c2, const float* mean, const Tensor& dx);

  std::int64_t (*winograd_scratch)(const Conv2dParams& params);
  void (*winograd_weight)(const Conv2dParams& params, const float* weight, bool backward, float* u);
  void (*winograd_forward)(const WinogradArgs& args);
  /// From x and y = dy; `du` is memory for 36 * c_in * c_out floats.
  void (*winograd_backward_weight)(const WinogradArgs& args, float* du, float* dweight);

  void (*head_forward)(const HeadArgs& args, const HeadSums& sums);
  /// dlogits = ce_scale * weight * (p - t) + softmax'(alpha * t + beta); alpha, beta: [n, classes].
  void (*head_backward)(const HeadArgs& args, float ce_scale, const float* alpha, const float* beta,
                        const Tensor& dx, float* dweight, float* dbias);
  void (*head_predict)(const HeadArgs& args, std::uint8_t* classes);
  void (*head_logits)(const HeadArgs& args, float* logits);

  void (*adam)(const AdamParams& params, std::int64_t step, const AdamArrays& arrays);
};

/// The best table this processor runs; HIKAKU_ISA=avx512|avx2|sse2 (environment) asks for less.
const Kernels& kernels();

}  // namespace hikaku::cpu
