#include "cpu/up_block.h"

#include <cmath>
#include <numeric>

#include "base/error.h"

namespace hikaku::cpu {
namespace {

constexpr std::int64_t tap_count = 4;

std::vector<float> floats(std::int64_t count) {
  return std::vector<float>(static_cast<std::size_t>(count));
}

/// Running statistics as batch norm's saved pair.
void running_statistics(const BatchNormState& state, float eps, std::vector<float>& mean,
                        std::vector<float>& inverse_deviation) {
  for (std::size_t c = 0; c < mean.size(); ++c) {
    mean[c] = state.running_mean[c] - (state.shift != nullptr ? state.shift[c] : 0.0f);
    inverse_deviation[c] = 1.0f / std::sqrt(state.running_var[c] + eps);
  }
}

}  // namespace

CpuUpBlock::CpuUpBlock(const UpBlockParams& params, ConvUse use, Context& context)
    : params_(params),
      context_(context),
      product_(product(), use, context),
      count_(static_cast<double>(params.output().n * params.output().pixels())),
      scale1_(floats(params.input.c)),
      offset1_(scale1_),
      scale2_(floats(params.out_channels)),
      offset2_(scale2_),
      mean1_(scale1_),
      inverse1_(scale1_),
      mean2_(scale2_),
      inverse2_(scale2_),
      weight_(floats(params.weight_count())),
      dweight_(use == ConvUse::inference ? 0 : weight_.size()),
      border_(floats(tap_count * params.out_channels)),
      taps_(border_.size()),
      statistics1_(params.input.c),
      statistics2_(params.out_channels),
      factors1_(params.input.c),
      factors2_(params.out_channels) {
  validate(params);
}

/// One for all tensors of the op, also where it stands alone.
std::int64_t CpuUpBlock::channel_unit() const {
  return params_.channel_unit != 0 ? params_.channel_unit
                                   : std::gcd(params_.input.c, params_.out_channels);
}

Conv2dParams CpuUpBlock::product() const {
  return {.input = params_.input,
          .out_channels = tap_count * params_.out_channels,
          .kernel = 1,
          .channel_unit = channel_unit()};
}

Tensor CpuUpBlock::maps(void* workspace) const {
  const Shape shape = product().output();
  return {workspace, DType::f32, shape, context_.layout_of(shape, channel_unit())};
}

UpGatherArgs CpuUpBlock::gather(void* workspace) const {
  return {maps(workspace), border_.data(), params_.output()};
}

std::size_t CpuUpBlock::workspace_bytes() const {
  return static_cast<std::size_t>(product().output().count() + params_.input.count()) *
         sizeof(float);
}

void CpuUpBlock::rearrange(const float* weight, const float* scale) {
  const std::int64_t c_in = params_.input.c, c_out = params_.out_channels;
#pragma omp parallel for
  for (std::int64_t o = 0; o < c_out; ++o) {
    for (std::int64_t tap = 0; tap < tap_count; ++tap) {
      float* row = weight_.data() + (tap * c_out + o) * c_in;
      const float* from = weight + o * c_in * tap_count + tap;
      for (std::int64_t c = 0; c < c_in; ++c) {
        row[c] = from[c * tap_count] * (scale != nullptr ? scale[c] : 1.0f);
      }
    }
  }
}

void CpuUpBlock::fold_norm1(const UpBlockState& state) {
  const std::int64_t c_in = params_.input.c, c_out = params_.out_channels;
  rearrange(state.weight, scale1_.data());
#pragma omp parallel for
  for (std::int64_t o = 0; o < c_out; ++o) {
    double constant[tap_count] = {};
    for (std::int64_t c = 0; c < c_in; ++c) {
      for (std::int64_t tap = 0; tap < tap_count; ++tap) {
        constant[tap] += static_cast<double>(state.weight[(o * c_in + c) * tap_count + tap]) *
                         static_cast<double>(offset1_[static_cast<std::size_t>(c)]);
      }
    }
    for (std::int64_t tap = 0; tap < tap_count; ++tap) {
      border_[static_cast<std::size_t>(tap * c_out + o)] = static_cast<float>(constant[tap]);
    }
  }
}

void CpuUpBlock::forward(const Tensor& x, const UpBlockState& state, const Tensor& y,
                         void* workspace) {
  const Kernels& kernels = context_.kernels;
  kernels.up_moments(x, statistics1_.mean.data(), statistics1_.deviation.data());
  statistics1_.finish(count_, params_.eps, params_.momentum, state.norm1,
                      {mean1_.data(), inverse1_.data()});
  affine_of(state.norm1, mean1_.data(), inverse1_.data(), params_.input.c, scale1_.data(),
            offset1_.data());
  fold_norm1(state);
  product_.load_weight(weight_.data(), nullptr);
  product_.forward(x, maps(workspace));

  const UpGatherArgs args = gather(workspace);
  kernels.up_gather_moments(args, statistics2_.mean.data(), statistics2_.deviation.data());
  statistics2_.finish(count_, params_.eps, params_.momentum, state.norm2,
                      {mean2_.data(), inverse2_.data()});
  affine_of(state.norm2, mean2_.data(), inverse2_.data(), params_.out_channels, scale2_.data(),
            offset2_.data());
  kernels.up_gather_affine(args, scale2_.data(), offset2_.data(), y);
}

void CpuUpBlock::load_for_inference(const UpBlockState& state) {
  running_statistics(state.norm1, params_.eps, mean1_, inverse1_);
  running_statistics(state.norm2, params_.eps, mean2_, inverse2_);
  affine_of(state.norm1, mean1_.data(), inverse1_.data(), params_.input.c, scale1_.data(),
            offset1_.data());
  affine_of(state.norm2, mean2_.data(), inverse2_.data(), params_.out_channels, scale2_.data(),
            offset2_.data());
  fold_norm1(state);
  product_.load_weight(weight_.data(), nullptr);
}

void CpuUpBlock::infer(const Tensor& x, const Tensor& y, void* workspace) {
  product_.forward(x, maps(workspace));
  context_.kernels.up_gather_affine(gather(workspace), scale2_.data(), offset2_.data(), y);
}

void CpuUpBlock::weight_gradient(const UpBlockState& state, const UpBlockGradients& gradients) {
  const std::int64_t c_in = params_.input.c, c_out = params_.out_channels;
#pragma omp parallel for
  for (std::int64_t c = 0; c < c_in; ++c) {
    const auto ci = static_cast<std::size_t>(c);
    double dbeta = 0;
    for (std::int64_t o = 0; o < c_out; ++o) {
      for (std::int64_t tap = 0; tap < tap_count; ++tap) {
        const std::int64_t at = (o * c_in + c) * tap_count + tap;
        const double sum = taps_[static_cast<std::size_t>(tap * c_out + o)];
        const float product = dweight_[static_cast<std::size_t>((tap * c_out + o) * c_in + c)];
        gradients.weight[at] = static_cast<float>(static_cast<double>(scale1_[ci] * product) +
                                                  sum * static_cast<double>(offset1_[ci]));
        dbeta += static_cast<double>(state.weight[at]) * sum;
      }
    }
    gradients.beta1[c] = static_cast<float>(dbeta);
  }
}

void CpuUpBlock::backward(const Tensor& x, const UpBlockState& state, const Tensor& dy,
                          const UpBlockGradients& gradients, const Tensor& dx, void* workspace) {
  const Kernels& kernels = context_.kernels;
  const UpGatherArgs args = gather(workspace);
  kernels.up_gradient_sums(args, dy, mean2_.data(), factors2_.sum.data(), factors2_.sum_z.data());
  factors2_.finish(count_, state.norm2, {mean2_.data(), inverse2_.data()}, gradients.gamma2,
                   gradients.beta2);
  kernels.up_gradient_maps(args, dy, factors2_.a.data(), factors2_.b.data(), factors2_.c.data(),
                           taps_.data());

  product_.backward_weight(x, args.maps, dweight_.data());
  weight_gradient(state, gradients);
  rearrange(state.weight, nullptr);
  product_.load_weight(weight_.data(), nullptr);
  Tensor gx = x;
  gx.data = static_cast<std::byte*>(workspace) + args.maps.bytes();
  product_.backward_data(args.maps, gx);
  input_gradient(x, gx, gradients, dx);
}

void CpuUpBlock::input_gradient(const Tensor& x, const Tensor& gx,
                                const UpBlockGradients& gradients, const Tensor& dx) {
  std::vector<double>& product = factors1_.sum_z;
  std::vector<float>&constant = factors1_.c, &slope = factors1_.b;
  context_.kernels.centred_dot(x, mean1_.data(), gx, product.data());
  for (std::size_t c = 0; c < mean1_.size(); ++c) {
    const double dgamma = product[c] * static_cast<double>(inverse1_[c]);
    gradients.gamma1[c] = static_cast<float>(dgamma);
    constant[c] = static_cast<float>(static_cast<double>(gradients.beta1[c]) / count_);
    slope[c] = static_cast<float>(dgamma * static_cast<double>(inverse1_[c]) / count_);
  }
  context_.kernels.up_input_gradient(x, gx, scale1_.data(), constant.data(), slope.data(),
                                     mean1_.data(), dx);
}

}  // namespace hikaku::cpu
