// head_loss: the 1x1 convolution to the classes, softmax and the loss as one op, so that neither
// logits nor probabilities of a whole batch are ever written to memory.
//   logits[n,k,i,j] = bias[k] + sum over c of weight[k,c] * x[n,c,i,j];   p = softmax over k
//   CE   = sum over pixels of w[t] * -log p[t]  /  sum over pixels of w[t]     (w = 1 by default)
//   Dice = mean over n, k of (2 * sum p*t + smooth) / (sum p + sum t + smooth), sums over i, j
//   loss = (1 - dice_share) * CE + dice_share * (1 - Dice)
// Pixels whose label is `ignore` take no part in any sum; where no pixel does, CE is 0.
// Milletari et al., "V-Net" (2016) for the Dice loss.
#pragma once

#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace hikaku {

struct HeadLossParams {
  Shape input;  ///< n, c, h, w
  std::int64_t classes = 22;
  float dice_share = 0.5f;
  float smooth = 1e-5f;
  std::vector<float> class_weights;  ///< empty: all 1
  int ignore = -1;                   ///< a label that takes no part; -1: none
};
void validate(const HeadLossParams& params);

struct LossValue {
  double total = 0, cross_entropy = 0, dice = 0;  ///< dice: the mean coefficient, not 1 - Dice
};

class HeadLoss {
 public:
  virtual ~HeadLoss() = default;

  /// Writes the loss of one batch to `loss`, on the device. `labels` [n, h, w] lie there, too, each
  /// below `classes` or `ignore`.
  virtual void forward(const Tensor& x, const float* weight, const float* bias,
                       const std::uint8_t* labels, LossValue* loss) = 0;
  /// After forward with the same arguments: gradients of x, weight and bias (overwritten).
  /// dx may be the memory of x.
  virtual void backward(const Tensor& x, const float* weight, const float* bias,
                        const std::uint8_t* labels, const Tensor& dx, float* dweight,
                        float* dbias) = 0;
  /// The class of each pixel [n, h, w]: the first largest logit.
  virtual void predict(const Tensor& x, const float* weight, const float* bias,
                       std::uint8_t* classes) = 0;
  /// Logits [n, classes, h, w], dense NCHW, on the device.
  virtual void logits(const Tensor& x, const float* weight, const float* bias, float* out) = 0;
};

}  // namespace hikaku
