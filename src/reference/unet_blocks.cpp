#include "reference/unet_blocks.h"

#include <cmath>
#include <limits>
#include <utility>

namespace hikaku::reference {
namespace {

Values values(std::int64_t count) { return Values(static_cast<std::size_t>(count)); }

BatchNormArrays norm_arrays(Arrays& arrays, const std::string& name) {
  return {.gamma = arrays.at(name + ".weight"),
          .beta = arrays.at(name + ".bias"),
          .shift = {},
          .running_mean = arrays.at(name + ".running_mean"),
          .running_var = arrays.at(name + ".running_var")};
}

/// The place for a gradient, as large as the array it belongs to.
Out gradient(const Arrays& arrays, Arrays& gradients, const std::string& name) {
  Values& place = gradients[name];
  place.resize(arrays.at(name).size());
  return place;
}

}  // namespace

ConvNormRelu::ConvNormRelu(const Shape& input, std::int64_t out_channels, std::string conv,
                           std::string norm)
    : conv_{.input = input, .out_channels = out_channels, .kernel = 3},
      norm_{.shape = conv_.output()},
      conv_name_(std::move(conv)),
      norm_name_(std::move(norm)),
      z_(values(norm_.shape.count())),
      mean_(values(out_channels)),
      inverse_deviation_(values(out_channels)) {}

Values ConvNormRelu::forward(Values x, Mode mode, Arrays& arrays) {
  x_ = std::move(x);
  Values y(z_.size());
  conv2d_forward(conv_, x_, arrays.at(conv_name_ + ".weight"), arrays.at(conv_name_ + ".bias"), z_);
  const BatchNormArrays norm = norm_arrays(arrays, norm_name_);
  if (mode == Mode::training) {
    batch_norm_forward(norm_, z_, norm, {mean_, inverse_deviation_}, y, {});
  } else {
    batch_norm_infer(norm_, z_, norm, y, {});
  }
  return y;
}

Values ConvNormRelu::backward(In dy, Arrays& arrays, Arrays& gradients) {
  const auto of = [&](const std::string& name) { return gradient(arrays, gradients, name); };
  Values dz(z_.size()), dx(x_.size());
  batch_norm_backward(norm_, z_, norm_arrays(arrays, norm_name_), {mean_, inverse_deviation_}, dy,
                      {}, of(norm_name_ + ".weight"), of(norm_name_ + ".bias"), dz);
  conv2d_backward_bias(conv_, dz, of(conv_name_ + ".bias"));
  conv2d_backward_weight(conv_, x_, dz, of(conv_name_ + ".weight"));
  conv2d_backward_data(conv_, dz, arrays.at(conv_name_ + ".weight"), dx);
  return dx;
}

double ConvNormRelu::kink_distance(Arrays& arrays) const {
  const BatchNormArrays norm = norm_arrays(arrays, norm_name_);
  const auto pixels = static_cast<std::size_t>(norm_.shape.pixels());
  double nearest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < z_.size(); ++i) {
    const std::size_t c = i / pixels % mean_.size();
    const double y = norm.gamma[c] * (z_[i] - mean_[c]) * inverse_deviation_[c] + norm.beta[c];
    nearest = std::min(nearest, std::abs(y));
  }
  return nearest;
}

DoubleConv::DoubleConv(const Shape& input, std::int64_t out_channels, const std::string& prefix)
    : first_(input, out_channels, prefix + ".0", prefix + ".1"),
      second_({input.n, out_channels, input.h, input.w}, out_channels, prefix + ".3",
              prefix + ".4") {}

Values DoubleConv::forward(Values x, Mode mode, Arrays& arrays) {
  return second_.forward(first_.forward(std::move(x), mode, arrays), mode, arrays);
}

Values DoubleConv::backward(In dy, Arrays& arrays, Arrays& gradients) {
  return first_.backward(second_.backward(dy, arrays, gradients), arrays, gradients);
}

Up::Up(const Shape& input, std::int64_t out_channels, std::string prefix)
    : params_{.input = input, .out_channels = out_channels},
      prefix_(std::move(prefix)),
      trace_(params_) {}

UpBlockArrays Up::view(Arrays& arrays) const {
  return {.norm1 = norm_arrays(arrays, prefix_ + ".1"),
          .weight = arrays.at(prefix_ + ".2.weight"),
          .bias = arrays.at(prefix_ + ".2.bias"),
          .norm2 = norm_arrays(arrays, prefix_ + ".3")};
}

Values Up::forward(In x, Mode mode, Arrays& arrays) {
  Values y = values(params_.output().count());
  if (mode == Mode::training) {
    up_block_forward(params_, x, view(arrays), trace_, y);
  } else {
    up_block_infer(params_, x, view(arrays), y);
  }
  return y;
}

Values Up::backward(In dy, Arrays& arrays, Arrays& gradients) {
  const auto of = [&](const char* name) { return gradient(arrays, gradients, prefix_ + name); };
  const UpBlockGradientArrays into{.gamma1 = of(".1.weight"),
                                   .beta1 = of(".1.bias"),
                                   .weight = of(".2.weight"),
                                   .bias = of(".2.bias"),
                                   .gamma2 = of(".3.weight"),
                                   .beta2 = of(".3.bias")};
  Values dx = values(params_.input.count());
  up_block_backward(params_, view(arrays), trace_, dy, into, dx);
  return dx;
}

}  // namespace hikaku::reference
