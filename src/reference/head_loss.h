// head_loss in double, by the formulas in ops/head_loss.h. With s = dice_share, W = the sum of w[t]
// over the counted pixels and, for one image and class, I = sum p*t, U = sum p + sum t + smooth:
//   dCE/dlogit[k]   = w[t] / W * (p[k] - t[k])
//   g[k] = dDice/dp[k] = (2 * t[k] * U - (2 * I + smooth)) / U^2 / (n * classes)
//   dDice/dlogit[k] = p[k] * (g[k] - sum over j of p[j] * g[j])
//   dloss/dlogit    = (1 - s) * dCE/dlogit - s * dDice/dlogit
// A batch whose pixels have no weight at all (W = 0) has CE = 0.
#pragma once

#include <vector>

#include "ops/head_loss.h"
#include "reference/arrays.h"

namespace hikaku::reference {

using Labels = std::span<const std::uint8_t>;  ///< [n, h, w]

void head_loss_logits(const HeadLossParams& params, In x, In weight, In bias, Out logits);
LossValue head_loss_forward(const HeadLossParams& params, In x, In weight, In bias, Labels labels);
void head_loss_backward(const HeadLossParams& params, In x, In weight, In bias, Labels labels,
                        Out dx, Out dweight, Out dbias);
/// The class of each pixel [n, h, w]: the first largest logit.
void head_loss_predict(const HeadLossParams& params, In x, In weight, In bias,
                       std::span<std::uint8_t> classes);

}  // namespace hikaku::reference
