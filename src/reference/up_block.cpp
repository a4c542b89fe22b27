#include "reference/up_block.h"

#include "reference/conv2d.h"
#include "reference/upsample.h"

namespace hikaku::reference {
namespace {

/// The parameters of the four layers.
struct Layers {
  BatchNormParams norm1, norm2;
  Conv2dParams conv;

  explicit Layers(const UpBlockParams& params) {
    const Shape high{params.input.n, params.input.c, 2 * params.input.h, 2 * params.input.w};
    norm1 = {.shape = high, .relu = false, .eps = params.eps, .momentum = params.momentum};
    conv = {.input = high, .out_channels = params.out_channels, .kernel = 2};
    norm2 = norm1;
    norm2.shape = params.output();
  }
};

}  // namespace

UpBlockTrace::UpBlockTrace(const UpBlockParams& params) {
  const auto wide = static_cast<std::size_t>(4 * params.input.count());
  const auto c_in = static_cast<std::size_t>(params.input.c);
  const auto c_out = static_cast<std::size_t>(params.out_channels);
  u.resize(wide);
  v.resize(wide);
  s.resize(static_cast<std::size_t>(params.output().count()));
  mean1.resize(c_in);
  inverse_deviation1.resize(c_in);
  mean2.resize(c_out);
  inverse_deviation2.resize(c_out);
}

void up_block_forward(const UpBlockParams& params, In x, const UpBlockArrays& arrays,
                      UpBlockTrace& trace, Out y) {
  const Layers layers(params);
  upsample_forward(params.input, x, trace.u);
  batch_norm_forward(layers.norm1, trace.u, arrays.norm1, trace.saves1(), trace.v, {});
  conv2d_forward(layers.conv, trace.v, arrays.weight, arrays.bias, trace.s);
  batch_norm_forward(layers.norm2, trace.s, arrays.norm2, trace.saves2(), y, {});
}

void up_block_infer(const UpBlockParams& params, In x, const UpBlockArrays& arrays, Out y) {
  const Layers layers(params);
  UpBlockTrace trace(params);
  upsample_forward(params.input, x, trace.u);
  batch_norm_infer(layers.norm1, trace.u, arrays.norm1, trace.v, {});
  conv2d_forward(layers.conv, trace.v, arrays.weight, arrays.bias, trace.s);
  batch_norm_infer(layers.norm2, trace.s, arrays.norm2, y, {});
}

void up_block_backward(const UpBlockParams& params, const UpBlockArrays& arrays,
                       UpBlockTrace& trace, In dy, const UpBlockGradientArrays& gradients, Out dx) {
  const Layers layers(params);
  std::vector<double> ds(trace.s.size()), dv(trace.v.size()), du(trace.u.size());
  batch_norm_backward(layers.norm2, trace.s, arrays.norm2, trace.saves2(), dy, {}, gradients.gamma2,
                      gradients.beta2, ds);
  conv2d_backward_bias(layers.conv, ds, gradients.bias);
  conv2d_backward_weight(layers.conv, trace.v, ds, gradients.weight);
  conv2d_backward_data(layers.conv, ds, arrays.weight, dv);
  batch_norm_backward(layers.norm1, trace.u, arrays.norm1, trace.saves1(), dv, {}, gradients.gamma1,
                      gradients.beta1, du);
  upsample_backward(params.input, du, dx);
}

}  // namespace hikaku::reference
