// The op cases on a backend.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "compare/guarded_memory.h"
#include "compare/op_inputs.h"

namespace hikaku {
namespace {

/// What running a case needs: its inputs, the backend, and memory there.
struct Run {
  const OpCase& op_case;
  Backend& backend;
  OpInputs in{op_case, activation_type(backend)};
  GuardedMemory memory{backend};

  float* array(const char* name, std::int64_t count) {
    return memory.array(in.floats(name, count));
  }
  Tensor activation(const char* name, const Shape& shape, std::int64_t unit, bool slice = false) {
    return memory.activation(shape, unit, slice, in.floats(name, shape.count()));
  }
  /// An output of which a backend that wants it keeps the largest magnitude.
  Tensor scaled_output(const Shape& shape, std::int64_t unit, bool slice) {
    Tensor tensor = memory.activation(shape, unit, slice);
    if (backend.wants_largest()) {
      const std::vector<std::uint8_t> zero(sizeof *tensor.largest);
      tensor.largest = reinterpret_cast<std::uint32_t*>(memory.bytes(zero));
    }
    return tensor;
  }
  /// No magnitude of it exceeds what was kept; `exactly`: and one is that.
  std::vector<double> values_within(const Tensor& tensor, bool exactly) {
    std::vector<double> values = memory.values(tensor);
    if (tensor.largest == nullptr) return values;
    const double kept = memory.values(reinterpret_cast<const float*>(tensor.largest), 1).front();
    double most = 0;
    for (const double value : values) most = std::max(most, std::abs(value));
    require(exactly ? kept == most : kept >= most,
            "{}: the largest magnitude is {}, and {} is kept for it", op_case.name, most, kept);
    return values;
  }
};

OpOutputs outputs_of(const Conv2dParams& params, Run& run) {
  const std::int64_t unit = params.channel_unit;
  const Tensor x = run.activation("x", params.input, unit);
  const Tensor dy = run.activation("dy", params.output(), unit);
  const float* weight = run.array("weight", params.weight_count());
  const float* bias = run.array("bias", params.out_channels);
  const Tensor y = run.memory.activation(params.output(), unit, false);
  const Tensor y_bias_relu = run.memory.activation(params.output(), unit, false);
  const Tensor dx = run.memory.activation(params.input, unit, false);
  float* dweight = run.memory.array(params.weight_count());

  const auto inference = run.backend.conv2d(params, ConvUse::inference);
  inference->load_weight(weight, bias);
  inference->forward(x, y_bias_relu);
  const auto training = run.backend.conv2d(params, ConvUse::training);
  training->load_weight(weight, nullptr);
  training->forward(x, y);
  training->backward(x, dy, dweight, dx);
  return {{"y", run.memory.values(y)},
          {"y_bias_relu", run.memory.values(y_bias_relu)},
          {"dx", run.memory.values(dx)},
          {"dweight", run.memory.values(dweight, params.weight_count())}};
}

OpOutputs outputs_of(const BatchNormParams& params, Run& run) {
  const std::int64_t c = params.shape.c;
  GuardedMemory& memory = run.memory;
  const bool slice = run.op_case.slice;
  const Tensor z = run.activation("z", params.shape, c);
  const Tensor dy = run.activation("dy", params.shape, c, slice);
  const Tensor y = run.scaled_output(params.shape, c, slice);
  const Tensor dz = run.scaled_output(params.shape, c, false);
  Tensor pooled, dpooled;
  if (params.pool) {
    pooled = memory.activation(params.pooled(), c, false);
    dpooled = run.activation("dpooled", params.pooled(), c);
  }
  float* running_mean = run.array("running_mean", c);
  float* running_var = run.array("running_var", c);
  const BatchNormState state{run.array("gamma", c), run.array("beta", c), run.array("shift", c),
                             running_mean, running_var};
  const BatchNormSaved saved{memory.array(c), memory.array(c)};
  float* dgamma = memory.array(c);
  float* dbeta = memory.array(c);

  const auto norm = run.backend.batch_norm(params);
  norm->forward(z, state, saved, y, pooled);
  norm->backward(z, state, saved, dy, dpooled, dgamma, dbeta, dz);
  const Tensor in_place = memory.copy(z, c, false);
  norm->backward(in_place, state, saved, dy, dpooled, dgamma, dbeta, in_place);
  return {{"y", run.values_within(y, false)},
          {"pooled", params.pool ? memory.values(pooled) : std::vector<double>()},
          {"running_mean", memory.values(running_mean, c)},
          {"running_var", memory.values(running_var, c)},
          {"dz", run.values_within(dz, true)},
          {"dz_in_place", memory.values(in_place)},
          {"dgamma", memory.values(dgamma, c)},
          {"dbeta", memory.values(dbeta, c)}};
}

OpOutputs outputs_of(const MaxPoolParams& params, Run& run) {
  const std::int64_t c = params.input.c;
  const Tensor x = run.activation("x", params.input, c);
  const Tensor copy = run.memory.activation(params.input, c, run.op_case.slice);
  const Tensor y = run.memory.activation(params.output(), c, false);
  run.backend.max_pool(params)->forward(x, copy, y);
  return {{"y", run.memory.values(y)}, {"copy", run.memory.values(copy)}};
}

OpOutputs outputs_of(const UpBlockParams& params, Run& run) {
  const std::int64_t c_in = params.input.c, c_out = params.out_channels;
  const std::int64_t unit = params.channel_unit;
  GuardedMemory& memory = run.memory;
  const Tensor x = run.activation("x", params.input, unit);
  const Tensor dy = run.activation("dy", params.output(), unit, run.op_case.slice);
  const Tensor y = run.scaled_output(params.output(), unit, run.op_case.slice);
  const Tensor infer_y = memory.activation(params.output(), unit, run.op_case.slice);
  const Tensor dx = memory.activation(params.input, unit, false);
  float* mean1 = run.array("running_mean1", c_in);
  float* var1 = run.array("running_var1", c_in);
  float* mean2 = run.array("running_mean2", c_out);
  float* var2 = run.array("running_var2", c_out);
  const UpBlockState state{
      .norm1 = {run.array("gamma1", c_in), run.array("beta1", c_in), nullptr, mean1, var1},
      .weight = run.array("weight", params.weight_count()),
      .norm2 = {run.array("gamma2", c_out), run.array("beta2", c_out), run.array("bias", c_out),
                mean2, var2}};
  const UpBlockGradients into{memory.array(c_in), memory.array(c_in),
                              memory.array(params.weight_count()), memory.array(c_out),
                              memory.array(c_out)};

  const auto inference = run.backend.up_block(params, ConvUse::inference);
  inference->load_for_inference(state);
  inference->infer(x, infer_y, memory.bytes(inference->workspace_bytes()));
  const auto training = run.backend.up_block(params, ConvUse::training);
  void* workspace = memory.bytes(training->workspace_bytes());
  training->forward(x, state, y, workspace);
  const OpOutputs statistics{{"running_mean1", memory.values(mean1, c_in)},
                             {"running_var1", memory.values(var1, c_in)},
                             {"running_mean2", memory.values(mean2, c_out)},
                             {"running_var2", memory.values(var2, c_out)}};
  training->backward(x, state, dy, into, dx, workspace);
  OpOutputs outputs{{"infer_y", memory.values(infer_y)}, {"y", run.values_within(y, false)}};
  outputs.insert(outputs.end(), statistics.begin(), statistics.end());
  outputs.push_back({"dx", memory.values(dx)});
  training->forward(x, state, y, workspace);  // for a second backward, with dx in x's memory
  training->backward(x, state, dy, into, x, workspace);
  outputs.push_back({"dx_in_place", memory.values(x)});
  outputs.push_back({"dweight", memory.values(into.weight, params.weight_count())});
  outputs.push_back({"dgamma1", memory.values(into.gamma1, c_in)});
  outputs.push_back({"dbeta1", memory.values(into.beta1, c_in)});
  outputs.push_back({"dgamma2", memory.values(into.gamma2, c_out)});
  outputs.push_back({"dbeta2", memory.values(into.beta2, c_out)});
  return outputs;
}

OpOutputs outputs_of(const HeadLossParams& params, Run& run) {
  const std::int64_t pixels = params.input.n * params.input.pixels();
  GuardedMemory& memory = run.memory;
  const Tensor x = run.activation("x", params.input, params.input.c);
  const Tensor dx = memory.activation(params.input, params.input.c, false);
  const float* weight = run.array("weight", params.classes * params.input.c);
  const float* bias = run.array("bias", params.classes);
  const std::uint8_t* labels = memory.bytes(run.in.labels(params));
  float* logits = memory.array(pixels * params.classes);
  auto* classes = memory.bytes(std::vector<std::uint8_t>(static_cast<std::size_t>(pixels), 0xFF));
  float* dweight = memory.array(params.classes * params.input.c);
  float* dbias = memory.array(params.classes);

  const auto head = run.backend.head_loss(params);
  head->logits(x, weight, bias, logits);
  head->predict(x, weight, bias, classes);
  auto* device_loss = reinterpret_cast<LossValue*>(memory.bytes(sizeof(LossValue)));
  LossValue loss;
  head->forward(x, weight, bias, labels, device_loss);
  run.backend.copy_to_host(device_loss, &loss, sizeof loss);
  head->backward(x, weight, bias, labels, dx, dweight, dbias);
  OpOutputs outputs{{"loss", {loss.total, loss.cross_entropy, loss.dice}},
                    {"logits", memory.values(logits, pixels * params.classes)},
                    {"classes", memory.values(classes, pixels)},
                    {"dx", memory.values(dx)}};
  head->forward(x, weight, bias, labels, device_loss);
  head->backward(x, weight, bias, labels, x, dweight, dbias);
  outputs.push_back({"dx_in_place", memory.values(x)});
  outputs.push_back({"dweight", memory.values(dweight, params.classes * params.input.c)});
  outputs.push_back({"dbias", memory.values(dbias, params.classes)});
  return outputs;
}

OpOutputs outputs_of(const AdamCase& adam, Run& run) {
  const std::vector<float> zeros(static_cast<std::size_t>(adam.count));
  AdamArrays arrays{run.array("parameter", adam.count), nullptr, run.memory.array(zeros),
                    run.memory.array(zeros), adam.count};
  for (const std::int64_t step : {1, 2, 3}) {
    arrays.gradient = run.array(("gradient" + std::to_string(step)).c_str(), adam.count);
    run.backend.adam(adam.params, step, arrays, nullptr);
  }
  return {{"parameter", run.memory.values(arrays.parameter, adam.count)},
          {"first_moment", run.memory.values(arrays.first_moment, adam.count)},
          {"second_moment", run.memory.values(arrays.second_moment, adam.count)}};
}

OpOutputs outputs_of(const AccumulateCase& accumulate, Run& run) {
  float* sum = run.array("sum", accumulate.count);
  const float* one = run.array("gradient1", accumulate.count);
  const float* other = run.array("gradient2", accumulate.count);
  run.backend.accumulate({one, sum, accumulate.count, 0.25f, true});
  run.backend.accumulate({other, sum, accumulate.count, 0.75f, false});
  return {{"sum", run.memory.values(sum, accumulate.count)}};
}

}  // namespace

OpOutputs run_case(const OpCase& op_case, Backend& backend) {
  Run run{op_case, backend};
  OpOutputs outputs =
      std::visit([&](const auto& params) { return outputs_of(params, run); }, op_case.params);
  run.memory.check();
  return outputs;
}

}  // namespace hikaku
