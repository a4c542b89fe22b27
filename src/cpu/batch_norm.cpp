#include "cpu/batch_norm.h"

#include <cmath>

#include "base/error.h"

namespace hikaku::cpu {

void BatchStatistics::finish(double count, float eps, float momentum, const BatchNormState& state,
                             const BatchNormSaved& saved) const {
  for (std::size_t c = 0; c < mean.size(); ++c) {
    const double variance = deviation[c] / count;
    saved.mean[c] = static_cast<float>(mean[c]);
    saved.inverse_deviation[c] =
        static_cast<float>(1.0 / std::sqrt(variance + static_cast<double>(eps)));
    if (state.running_mean == nullptr) continue;
    const double shift = state.shift != nullptr ? static_cast<double>(state.shift[c]) : 0.0;
    // torch divides by count - 1; a single value has no unbiased variance and keeps the biased one.
    const double unbiased = count > 1 ? deviation[c] / (count - 1) : variance;
    state.running_mean[c] +=
        momentum * (static_cast<float>(mean[c] + shift) - state.running_mean[c]);
    state.running_var[c] += momentum * (static_cast<float>(unbiased) - state.running_var[c]);
  }
}

void affine_of(const BatchNormState& state, const float* mean, const float* inverse_deviation,
               std::int64_t channels, float* scale, float* offset) {
  for (std::int64_t c = 0; c < channels; ++c) {
    scale[c] = state.gamma[c] * inverse_deviation[c];
    offset[c] = state.beta[c] - mean[c] * scale[c];
  }
}

void GradientFactors::finish(double count, const BatchNormState& state, const BatchNormSaved& saved,
                             float* dgamma, float* dbeta) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto inverse = static_cast<double>(saved.inverse_deviation[i]);
    const double scale = static_cast<double>(state.gamma[i]) * inverse;
    const double slope = sum_z[i] * inverse * inverse / count;
    dgamma[i] = static_cast<float>(sum_z[i] * inverse);
    dbeta[i] = static_cast<float>(sum[i]);
    a[i] = static_cast<float>(scale);
    b[i] = static_cast<float>(-scale * slope);
    c[i] =
        static_cast<float>(-scale * (sum[i] / count - slope * static_cast<double>(saved.mean[i])));
  }
}

CpuBatchNorm::CpuBatchNorm(const BatchNormParams& params, Context& context)
    : params_(params),
      kernels_(context.kernels),
      count_(static_cast<double>(params.shape.n * params.shape.pixels())),
      scale_(static_cast<std::size_t>(params.shape.c)),
      offset_(scale_),
      statistics_(params.shape.c),
      factors_(params.shape.c) {
  validate(params);
}

void CpuBatchNorm::forward(const Tensor& z, const BatchNormState& state,
                           const BatchNormSaved& saved, const Tensor& y, const Tensor& pooled) {
  kernels_.moments(z, statistics_.mean.data(), statistics_.deviation.data());
  statistics_.finish(count_, params_.eps, params_.momentum, state, saved);
  affine_of(state, saved.mean, saved.inverse_deviation, params_.shape.c, scale_.data(),
            offset_.data());
  kernels_.affine(
      {z, y, params_.pool ? pooled : Tensor{}, scale_.data(), offset_.data(), params_.relu});
}

void CpuBatchNorm::backward(const Tensor& z, const BatchNormState& state,
                            const BatchNormSaved& saved, const Tensor& dy, const Tensor& dpooled,
                            float* dgamma, float* dbeta, const Tensor& dz) {
  affine_of(state, saved.mean, saved.inverse_deviation, params_.shape.c, scale_.data(),
            offset_.data());
  const NormGradientArgs args{
      z, dy, params_.pool ? dpooled : Tensor{}, scale_.data(), offset_.data(), params_.relu};
  kernels_.norm_gradient_sums(args, saved.mean, factors_.sum.data(), factors_.sum_z.data());
  factors_.finish(count_, state, saved, dgamma, dbeta);
  kernels_.norm_gradient_apply(args, factors_.a.data(), factors_.b.data(), factors_.c.data(), dz);
}

void fold_batch_norm(const FoldBatchNormArgs& args) {
  const BatchNormState& state = args.state;
#pragma omp parallel for
  for (std::int64_t o = 0; o < args.out_channels; ++o) {
    const float scale = state.gamma[o] / std::sqrt(state.running_var[o] + args.eps);
    const float shift = state.shift != nullptr ? state.shift[o] : 0.0f;
    args.folded_bias[o] = (shift - state.running_mean[o]) * scale + state.beta[o];
    const std::int64_t first = o * args.weights_per_channel;
    for (std::int64_t i = first; i < first + args.weights_per_channel; ++i) {
      args.folded_weight[i] = args.weight[i] * scale;
    }
  }
}

}  // namespace hikaku::cpu
