#include "cpu/head_loss.h"

#include <algorithm>
#include <array>

namespace hikaku::cpu {

CpuHeadLoss::CpuHeadLoss(const HeadLossParams& params, Context& context)
    : params_(params),
      kernels_(context.kernels),
      probability_(static_cast<std::size_t>(params.input.n * params.classes)),
      overlap_(probability_),
      count_(probability_),
      alpha_(probability_.size()),
      beta_(alpha_) {
  validate(params);
}

void CpuHeadLoss::forward(const Tensor& x, const float* weight, const float* bias,
                          const std::uint8_t* labels, LossValue* out) {
  for (auto* sums : {&probability_, &overlap_, &count_}) std::fill(sums->begin(), sums->end(), 0.0);
  std::array<double, 2> cross_entropy{};
  kernels_.head_forward({x, weight, bias, labels, &params_}, {probability_.data(), overlap_.data(),
                                                              count_.data(), cross_entropy.data()});
  weight_sum_ = cross_entropy[1];
  LossValue loss;
  loss.cross_entropy = weight_sum_ > 0 ? cross_entropy[0] / weight_sum_ : 0;
  const auto smooth = static_cast<double>(params_.smooth);
  for (std::size_t i = 0; i < count_.size(); ++i) {
    loss.dice += (2 * overlap_[i] + smooth) / (probability_[i] + count_[i] + smooth);
  }
  loss.dice /= static_cast<double>(count_.size());
  const auto share = static_cast<double>(params_.dice_share);
  loss.total = (1 - share) * loss.cross_entropy + share * (1 - loss.dice);
  *out = loss;
}

void CpuHeadLoss::backward(const Tensor& x, const float* weight, const float* bias,
                           const std::uint8_t* labels, const Tensor& dx, float* dweight,
                           float* dbias) {
  // d(1 - Dice) / dp[n,k] = -(2 t - (2 I + s) / D) / (D * n * classes), D = sum p + sum t + s.
  const auto smooth = static_cast<double>(params_.smooth);
  const auto share = static_cast<double>(params_.dice_share);
  const double scale = share / static_cast<double>(count_.size());
  for (std::size_t i = 0; i < count_.size(); ++i) {
    const double denominator = probability_[i] + count_[i] + smooth;
    alpha_[i] = static_cast<float>(-2 * scale / denominator);
    beta_[i] = static_cast<float>(scale * (2 * overlap_[i] + smooth) / (denominator * denominator));
  }
  kernels_.head_backward({x, weight, bias, labels, &params_},
                         static_cast<float>(weight_sum_ > 0 ? (1 - share) / weight_sum_ : 0),
                         alpha_.data(), beta_.data(), dx, dweight, dbias);
}

void CpuHeadLoss::predict(const Tensor& x, const float* weight, const float* bias,
                          std::uint8_t* classes) {
  kernels_.head_predict({x, weight, bias, nullptr, &params_}, classes);
}

void CpuHeadLoss::logits(const Tensor& x, const float* weight, const float* bias, float* out) {
  kernels_.head_logits({x, weight, bias, nullptr, &params_}, out);
}

}  // namespace hikaku::cpu
