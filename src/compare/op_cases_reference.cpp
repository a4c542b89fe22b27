// The op cases in double.
#include <algorithm>

#include "compare/op_inputs.h"
#include "reference/accumulate.h"
#include "reference/adam.h"
#include "reference/conv2d.h"
#include "reference/head_loss.h"
#include "reference/max_pool.h"
#include "reference/up_block.h"

namespace hikaku {
namespace {

using Values = std::vector<double>;

Values zeros(std::int64_t count) { return Values(static_cast<std::size_t>(count)); }

OpOutputs outputs_of(const Conv2dParams& params, const OpInputs& in) {
  const Values x = in.doubles("x", params.input.count());
  const Values weight = in.doubles("weight", params.weight_count());
  const Values dy = in.doubles("dy", params.output().count());
  Values y = zeros(params.output().count()), y_bias_relu = y;
  Values dx = zeros(params.input.count()), dweight = zeros(params.weight_count());
  reference::conv2d_forward(params, x, weight, {}, y);
  reference::conv2d_forward(params, x, weight, in.doubles("bias", params.out_channels),
                            y_bias_relu);
  for (double& value : y_bias_relu) value = std::max(value, 0.0);
  reference::conv2d_backward_data(params, dy, weight, dx);
  reference::conv2d_backward_weight(params, x, dy, dweight);
  return {{"y", y}, {"y_bias_relu", y_bias_relu}, {"dx", dx}, {"dweight", dweight}};
}

OpOutputs outputs_of(const BatchNormParams& params, const OpInputs& in) {
  const std::int64_t c = params.shape.c, pooled_count = params.pool ? params.pooled().count() : 0;
  const Values z = in.doubles("z", params.shape.count()),
               dy = in.doubles("dy", params.shape.count());
  const Values dpooled = in.doubles("dpooled", pooled_count);
  const Values gamma = in.doubles("gamma", c), beta = in.doubles("beta", c);
  const Values shift = in.doubles("shift", c);
  Values running_mean = in.doubles("running_mean", c), running_var = in.doubles("running_var", c);
  Values y = zeros(params.shape.count()), dz = y, pooled = zeros(pooled_count);
  Values mean = zeros(c), inverse_deviation = mean, dgamma = mean, dbeta = mean;
  const reference::BatchNormArrays arrays{gamma, beta, shift, running_mean, running_var};
  reference::batch_norm_forward(params, z, arrays, {mean, inverse_deviation}, y, pooled);
  reference::batch_norm_backward(params, z, arrays, {mean, inverse_deviation}, dy, dpooled, dgamma,
                                 dbeta, dz);
  return {{"y", y},
          {"pooled", pooled},
          {"running_mean", running_mean},
          {"running_var", running_var},
          {"dz", dz},
          {"dz_in_place", dz},
          {"dgamma", dgamma},
          {"dbeta", dbeta}};
}

OpOutputs outputs_of(const MaxPoolParams& params, const OpInputs& in) {
  const Values x = in.doubles("x", params.input.count());
  Values y = zeros(params.output().count());
  reference::max_pool_forward(params, x, y);
  return {{"y", y}, {"copy", x}};
}

OpOutputs outputs_of(const UpBlockParams& params, const OpInputs& in) {
  const std::int64_t c_in = params.input.c, c_out = params.out_channels;
  const Values x = in.doubles("x", params.input.count());
  const Values dy = in.doubles("dy", params.output().count());
  const Values weight = in.doubles("weight", params.weight_count());
  const Values bias = in.doubles("bias", c_out);
  const Values gamma1 = in.doubles("gamma1", c_in), beta1 = in.doubles("beta1", c_in);
  const Values gamma2 = in.doubles("gamma2", c_out), beta2 = in.doubles("beta2", c_out);
  Values mean1 = in.doubles("running_mean1", c_in), var1 = in.doubles("running_var1", c_in);
  Values mean2 = in.doubles("running_mean2", c_out), var2 = in.doubles("running_var2", c_out);
  const reference::UpBlockArrays arrays{.norm1 = {gamma1, beta1, {}, mean1, var1},
                                        .weight = weight,
                                        .bias = bias,
                                        .norm2 = {gamma2, beta2, {}, mean2, var2}};
  reference::UpBlockTrace trace(params);
  Values y = zeros(params.output().count()), infer_y = y, dx = zeros(params.input.count());
  Values dweight = zeros(params.weight_count()), dbias = zeros(c_out);
  Values dgamma1 = zeros(c_in), dbeta1 = dgamma1, dgamma2 = zeros(c_out), dbeta2 = dgamma2;
  reference::up_block_infer(params, x, arrays, infer_y);
  reference::up_block_forward(params, x, arrays, trace, y);
  reference::up_block_backward(params, arrays, trace, dy,
                               {dgamma1, dbeta1, dweight, dbias, dgamma2, dbeta2}, dx);
  return {{"infer_y", infer_y},
          {"y", y},
          {"running_mean1", mean1},
          {"running_var1", var1},
          {"running_mean2", mean2},
          {"running_var2", var2},
          {"dx", dx},
          {"dx_in_place", dx},
          {"dweight", dweight},
          {"dgamma1", dgamma1},
          {"dbeta1", dbeta1},
          {"dgamma2", dgamma2},
          {"dbeta2", dbeta2}};
}

OpOutputs outputs_of(const HeadLossParams& params, const OpInputs& in) {
  const std::int64_t pixels = params.input.n * params.input.pixels();
  const Values x = in.doubles("x", params.input.count());
  const Values weight = in.doubles("weight", params.classes * params.input.c);
  const Values bias = in.doubles("bias", params.classes);
  const std::vector<std::uint8_t> labels = in.labels(params);
  std::vector<std::uint8_t> classes(static_cast<std::size_t>(pixels));
  Values logits = zeros(pixels * params.classes), dx = zeros(params.input.count());
  Values dweight = zeros(params.classes * params.input.c), dbias = zeros(params.classes);
  const LossValue loss = reference::head_loss_forward(params, x, weight, bias, labels);
  reference::head_loss_backward(params, x, weight, bias, labels, dx, dweight, dbias);
  reference::head_loss_logits(params, x, weight, bias, logits);
  reference::head_loss_predict(params, x, weight, bias, classes);
  return {{"loss", {loss.total, loss.cross_entropy, loss.dice}},
          {"logits", logits},
          {"classes", {classes.begin(), classes.end()}},
          {"dx", dx},
          {"dx_in_place", dx},
          {"dweight", dweight},
          {"dbias", dbias}};
}

OpOutputs outputs_of(const AdamCase& adam, const OpInputs& in) {
  Values parameter = in.doubles("parameter", adam.count);
  Values m = zeros(adam.count), v = m;
  for (const std::int64_t step : {1, 2, 3}) {
    reference::adam(adam.params, step, parameter,
                    in.doubles("gradient" + std::to_string(step), adam.count), m, v);
  }
  return {{"parameter", parameter}, {"first_moment", m}, {"second_moment", v}};
}

OpOutputs outputs_of(const AccumulateCase& accumulate, const OpInputs& in) {
  Values sum = in.doubles("sum", accumulate.count);
  reference::accumulate(in.doubles("gradient1", accumulate.count), 0.25, true, sum);
  reference::accumulate(in.doubles("gradient2", accumulate.count), 0.75, false, sum);
  return {{"sum", sum}};
}

}  // namespace

OpOutputs reference_case(const OpCase& op_case, DType type) {
  const OpInputs in(op_case, type);
  return std::visit([&](const auto& params) { return outputs_of(params, in); }, op_case.params);
}

}  // namespace hikaku
