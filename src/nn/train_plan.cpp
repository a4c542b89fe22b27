#include "nn/train_plan.h"

#include <cmath>

#include "base/error.h"

namespace hikaku {

struct TrainPlan::Unit {
  ConvNormTensors tensors;
  std::unique_ptr<Conv2d> conv;
  std::unique_ptr<BatchNorm> norm;
  BatchNormSaved saved;
  Tensor x, z, y, pooled;
  bool first_layer = false;

  void plan_ops(Backend& backend, std::int64_t channel_unit) {
    conv =
        backend.conv2d({.input = x.shape, .out_channels = z.shape.c, .channel_unit = channel_unit},
                       first_layer ? ConvUse::first_layer_training : ConvUse::training);
    norm = backend.batch_norm({.shape = z.shape, .relu = true, .pool = pooled.data != nullptr});
  }
  void forward(Model& model) {
    conv->load_weight(model.value(tensors.conv.weight));
    conv->forward(x, nullptr, false, z);
    norm->forward(z, model.norm_state(tensors.norm, &tensors.conv), saved, y, pooled);
  }
  void backward(Model& model) {
    norm->backward(z, model.norm_state(tensors.norm, &tensors.conv), saved, y, pooled,
                   model.gradient(tensors.norm.weight), model.gradient(tensors.norm.bias), z);
    conv->backward_weight(x, z, model.gradient(tensors.conv.weight));
    if (!first_layer) conv->backward_data(z, x);
  }
};

struct TrainPlan::Step {
  UpTensors tensors;
  std::unique_ptr<UpBlock> block;
  Tensor x, y;
  void* workspace = nullptr;

  [[nodiscard]] UpBlockState state(Model& model) const {
    return {model.norm_state(tensors.norm1), model.value(tensors.conv.weight),
            model.norm_state(tensors.norm2, &tensors.conv)};
  }
  void forward(Model& model) const { block->forward(x, state(model), y, workspace); }
  void backward(Model& model) const {
    block->backward(x, state(model), y,
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
  memory_ = builder.finish(std::move(memory));
  nodes_.connect();
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

void TrainPlan::forward(const float* images) {
  nodes_.set_images(images);
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

LossValue TrainPlan::finish_step() {
  const LossValue loss = finite_loss();
  model_.count_step();
  return loss;
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
