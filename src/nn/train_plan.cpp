#include "nn/train_plan.h"

#include <algorithm>
#include <cmath>

#include "base/clock.h"
#include "base/error.h"

namespace hikaku {

struct TrainPlan::Unit {
  ConvNormTensors tensors;
  std::unique_ptr<Conv2d> conv;
  std::unique_ptr<BatchNorm> norm;
  BatchNormSaved saved;
  Tensor x, z, y, pooled;
  Tensor dx, dy, dpooled;  ///< the gradient of z is written over z
  bool first_layer = false;

  void plan_ops(Backend& backend, std::int64_t channel_unit) {
    conv =
        backend.conv2d({.input = x.shape, .out_channels = z.shape.c, .channel_unit = channel_unit},
                       first_layer ? ConvUse::first_layer_training : ConvUse::training);
    norm = backend.batch_norm({.shape = z.shape, .relu = true, .pool = pooled.data != nullptr});
  }
  void forward(Model& model) {
    conv->forward(x, z);
    norm->forward(z, model.norm_state(tensors.norm, &tensors.conv), saved, y, pooled);
  }
  void backward(Model& model) {
    norm->backward(z, model.norm_state(tensors.norm, &tensors.conv), saved, dy, dpooled,
                   model.gradient(tensors.norm.weight), model.gradient(tensors.norm.bias), z);
    conv->backward(x, z, model.gradient(tensors.conv.weight), dx);
  }
};

struct TrainPlan::Step {
  UpTensors tensors;
  std::unique_ptr<UpBlock> block;
  Tensor x, y, dy;  ///< the gradient of x is written over x
  void* workspace = nullptr;

  [[nodiscard]] UpBlockState state(Model& model) const {
    return {model.norm_state(tensors.norm1), model.value(tensors.conv.weight),
            model.norm_state(tensors.norm2, &tensors.conv)};
  }
  void forward(Model& model) const { block->forward(x, state(model), y, workspace); }
  void backward(Model& model) const {
    block->backward(x, state(model), dy,
                    {model.gradient(tensors.norm1.weight), model.gradient(tensors.norm1.bias),
                     model.gradient(tensors.conv.weight), model.gradient(tensors.norm2.weight),
                     model.gradient(tensors.norm2.bias)},
                    x, workspace);
  }
};

TrainPlan::~TrainPlan() = default;

TrainPlan::TrainPlan(Model& model, const BatchShape& batch, const LossOptions& loss,
                     std::shared_ptr<DeviceMemory> memory)
    : model_(model), batch_(batch), loss_(model.backend(), sizeof(LossValue)) {
  const UNet& net = model.net();
  require_fits(net.config, batch, true);
  PlanBuilder builder(model, batch, PlanBuilder::Lives::all_equal);
  nodes_.draw(
      net, builder,
      [&](const ConvNormTensors& tensors, int level, bool pool, int time) {
        return make_unit(builder, tensors, level, pool, time == 0);
      },
      [&](const UpTensors& tensors, int level, int) { return make_step(builder, tensors, level); });
  head_ = model.backend().head_loss(head_params(builder, net.config, loss));
  place_gradients(builder);
  memory_ = builder.finish(std::move(memory));
  nodes_.connect();
  connect_gradients();
  // Last, for it takes longest: what does not fit into memory is refused at once.
  for (const auto& unit : nodes_.units) {
    unit->plan_ops(model.backend(), builder.channel_unit());
  }
}

std::unique_ptr<TrainPlan::Unit> TrainPlan::make_unit(PlanBuilder& builder,
                                                      const ConvNormTensors& tensors, int level,
                                                      bool pool, bool first_layer) {
  auto unit = std::make_unique<Unit>();
  unit->tensors = tensors;
  unit->first_layer = first_layer;
  unit->x = builder.activation(builder.shape_at(level, tensors.c_in));
  unit->z = unit->y = builder.activation(builder.shape_at(level, tensors.c_out));
  if (pool) unit->pooled = builder.activation(builder.shape_at(level + 1, tensors.c_out));
  builder.place(unit->z);
  const std::size_t vector = static_cast<std::size_t>(tensors.c_out) * sizeof(float);
  builder.place(vector, &unit->saved.mean);
  builder.place(vector, &unit->saved.inverse_deviation);
  return unit;
}

std::unique_ptr<TrainPlan::Step> TrainPlan::make_step(PlanBuilder& builder,
                                                      const UpTensors& tensors, int level) {
  auto step = std::make_unique<Step>();
  step->tensors = tensors;
  step->block = model_.backend().up_block({.input = builder.shape_at(level + 1, tensors.c_in),
                                           .out_channels = tensors.c_out,
                                           .channel_unit = builder.channel_unit()},
                                          ConvUse::training);
  builder.place(step->block->workspace_bytes(), &step->workspace);
  return step;
}

void TrainPlan::place_gradients(PlanBuilder& builder) {
  /// Deeper concatenations are small, and so is what waits for them.
  constexpr std::size_t joined_levels = 2;
  const Backend& backend = model_.backend();
  const std::size_t levels = model_.net().down.size();
  std::size_t bytes = 0, most = 0;
  for (const auto& unit : nodes_.units) most = std::max(most, unit->z.bytes());
  std::vector<Tensor> joined;
  for (std::size_t level = 0; level < std::min(joined_levels, levels - 1); ++level) {
    const UpTensors& up = model_.net().up[level];
    joined.push_back(builder.activation(builder.shape_at(static_cast<int>(level), 2 * up.c_out)));
    bytes += joined.back().bytes();
  }
  constexpr std::size_t share = 8;  // of what is free
  gradients_.there =
      backend.overlaps() &&
      (most + bytes) * share < static_cast<std::size_t>(backend.available_memory_bytes());
  if (!gradients_.there) return;
  builder.place(most, &gradients_.one);
  gradients_.joined = std::move(joined);
  for (Tensor& tensor : gradients_.joined) builder.place(tensor.bytes(), &tensor.data);
}

/// Every gradient of an output is that of some other node's input.
void TrainPlan::connect_gradients() {
  auto& units = nodes_.units;
  auto& steps = nodes_.steps;
  for (const auto& unit : units) {
    unit->dy = unit->y;
    unit->dpooled = unit->pooled;
    unit->dx = unit->x;
    if (unit->first_layer) unit->dx = {};
  }
  for (const auto& step : steps) step->dy = step->y;
  // What an activation does not exceed, its gradient may.
  for (const auto& unit : units) {
    for (Tensor* gradient : {&unit->dy, &unit->dpooled, &unit->dx}) gradient->largest = nullptr;
  }
  for (const auto& step : steps) step->dy.largest = nullptr;
  if (!gradients_.there) return;
  const std::size_t levels = model_.net().down.size();
  const auto put = [this](Unit& reader, Tensor& gradient) {
    reader.dx.data = gradients_.one;
    gradient = reader.dx;
  };
  for (std::size_t i = 1; i < units.size(); i += 2) {
    put(*units[i], units[i - 1]->dy);
    if (i + 1 < 2 * levels) put(*units[i + 1], units[i]->dpooled);
  }
  for (std::size_t level = 0; level < gradients_.joined.size(); ++level) {
    const Tensor& joined = gradients_.joined[level];
    const std::size_t step = levels - 2 - level;
    units[2 * levels + 2 * step]->dx = joined;
    units[2 * level + 1]->dy = joined.channels(0, joined.shape.c / 2);
    steps[step]->dy = joined.channels(joined.shape.c / 2, joined.shape.c / 2);
  }
}

void TrainPlan::forward(const float* images) {
  nodes_.set_images(images);
  for (const auto& unit : nodes_.units) {
    unit->conv->load_weight(model_.value(unit->tensors.conv.weight), nullptr);
  }
  nodes_.forward([&](Unit& unit) { unit.forward(model_); },
                 [&](Step& step) { step.forward(model_); });
}

void TrainPlan::backward() {
  nodes_.backward([&](Unit& unit) { unit.backward(model_); },
                  [&](Step& step) { step.backward(model_); });
}

void TrainPlan::loss(const std::uint8_t* labels) {
  const ConvTensors& head = model_.net().head;
  const float *weight = model_.value(head.weight), *bias = model_.value(head.bias);
  head_->forward(nodes_.output(), weight, bias, labels, static_cast<LossValue*>(loss_.get()));
  head_->backward(nodes_.output(), weight, bias, labels, nodes_.output(),
                  model_.gradient(head.weight), model_.gradient(head.bias));
}

Recording& TrainPlan::recording(const float* images, const std::uint8_t* labels) {
  auto& recording = recordings_[{images, labels}];
  if (recording == nullptr) {
    recording = model_.backend().record([this, images, labels] {
      forward(images);
      loss(labels);
      backward();
    });
  }
  return *recording;
}

LossValue TrainPlan::finite_loss() {
  LossValue loss;
  model_.backend().copy_to_host(loss_.get(), &loss, sizeof loss);
  if (!std::isfinite(loss.total)) {
    throw Error(ExitCode::diverged, fmt::format("the loss of this batch is {}", loss.total),
                "use a smaller --lr, or look for broken pictures with: hikaku data check");
  }
  return loss;
}

LossValue TrainPlan::forward_backward(const float* images, const std::uint8_t* labels) {
  recording(images, labels).run();
  return finite_loss();
}

LossValue TrainPlan::step(const float* images, const std::uint8_t* labels, const AdamParams& adam) {
  begin_step(images, labels, adam);
  return finish_step();
}

void TrainPlan::begin_step(const float* images, const std::uint8_t* labels,
                           const AdamParams& adam) {
  recording(images, labels).run();
  model_.adam_step(adam, static_cast<const LossValue*>(loss_.get()));
}

void TrainPlan::begin_batch(const float* images, const std::uint8_t* labels, float share,
                            bool first) {
  recording(images, labels).run();
  model_.accumulate(share, first);
}

void TrainPlan::begin_last_batch(const float* images, const std::uint8_t* labels, float share,
                                 const AdamParams& adam) {
  recording(images, labels).run();
  model_.accumulate(share, false);
  model_.adam_step(adam, static_cast<const LossValue*>(loss_.get()));
}

LossValue TrainPlan::finish_step() {
  const LossValue loss = finite_loss();
  model_.count_step();
  return loss;
}

StepPhases TrainPlan::profile_step(const float* images, const std::uint8_t* labels,
                                   const AdamParams& adam) {
  Backend& backend = model_.backend();
  Parts& parts = parts_[{images, labels}];
  if (parts.forward == nullptr) {
    parts.forward = backend.record([this, images] { forward(images); });
    parts.loss = backend.record([this, labels] { loss(labels); });
    parts.backward = backend.record([this] { backward(); });
  }
  const auto seconds_of = [&](const auto& work) {
    const double start = clock_seconds();
    work();
    backend.synchronize();
    return clock_seconds() - start;
  };
  backend.synchronize();
  StepPhases phases;
  phases.forward = seconds_of([&] { parts.forward->run(); });
  phases.loss = seconds_of([&] { parts.loss->run(); });
  phases.backward = seconds_of([&] { parts.backward->run(); });
  phases.adam =
      seconds_of([&] { model_.adam_step(adam, static_cast<const LossValue*>(loss_.get())); });
  finish_step();
  return phases;
}

std::vector<float> TrainPlan::training_logits(const float* images) {
  Backend& backend = model_.backend();
  const ConvTensors& head = model_.net().head;
  const std::int64_t count =
      batch_.images * model_.net().config.classes * batch_.height * batch_.width;
  std::vector<float> logits(static_cast<std::size_t>(count));
  const DeviceMemory out(backend, logits.size() * sizeof(float));
  forward(images);
  head_->logits(nodes_.output(), model_.value(head.weight), model_.value(head.bias), out.floats());
  backend.copy_to_host(out.get(), logits.data(), out.bytes());
  return logits;
}

}  // namespace hikaku
