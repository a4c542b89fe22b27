#include "nn/eval_plan.h"

namespace hikaku {

struct EvalPlan::Unit {
  ConvNormTensors tensors;
  std::unique_ptr<Conv2d> conv;
  std::unique_ptr<MaxPool> pool;  ///< null if nothing is pooled behind it
  Tensor x, y, pooled;
  Tensor z;  ///< with a pool: what the convolution writes; the pool copies it to y, a skip's slice
  float *weight = nullptr, *bias = nullptr;  ///< folded

  void plan_ops(Backend& backend, std::int64_t channel_unit) {
    conv =
        backend.conv2d({.input = x.shape, .out_channels = y.shape.c, .channel_unit = channel_unit},
                       ConvUse::inference);
    if (pooled.data != nullptr) pool = backend.max_pool({y.shape});
  }
  void forward() const {
    conv->forward(x, pool != nullptr ? z : y);
    if (pool != nullptr) pool->forward(z, y, pooled);
  }
};

struct EvalPlan::Step {
  UpTensors tensors;
  std::unique_ptr<UpBlock> block;
  Tensor x, y;
  void* workspace = nullptr;
};

EvalPlan::~EvalPlan() = default;

EvalPlan::EvalPlan(const Model& model, const BatchShape& batch, const LossOptions& loss,
                   std::shared_ptr<DeviceMemory> memory, std::shared_ptr<DeviceMemory> folded)
    : model_(model), folded_(std::move(folded)), loss_(model.backend(), sizeof(LossValue)) {
  const UNet& net = model.net();
  require_fits(net.config, batch, false);
  PlanBuilder builder(model, batch, PlanBuilder::Lives::as_placed);
  nodes_.draw(
      net, builder,
      [&](const ConvNormTensors& tensors, int level, bool pool, int time) {
        return make_unit(builder, tensors, level, pool, time);
      },
      [&](const UpTensors& tensors, int level, int time) {
        return make_step(builder, tensors, level, time);
      });
  head_ = model.backend().head_loss(head_params(builder, net.config, loss));
  memory_ = builder.finish(std::move(memory));
  nodes_.connect();
  place_folded();
  // Last, for it takes longest: what does not fit into memory is refused at once.
  for (const auto& unit : nodes_.units) {
    unit->plan_ops(model.backend(), builder.channel_unit());
  }
}

std::unique_ptr<EvalPlan::Unit> EvalPlan::make_unit(PlanBuilder& builder,
                                                    const ConvNormTensors& tensors, int level,
                                                    bool pool, int time) {
  auto unit = std::make_unique<Unit>();
  unit->tensors = tensors;
  unit->x = builder.activation(builder.shape_at(level, tensors.c_in));
  unit->y = builder.activation(builder.shape_at(level, tensors.c_out));
  if (pool) {
    unit->z = unit->y;
    builder.place(unit->z, time, time);
    unit->pooled = builder.activation(builder.shape_at(level + 1, tensors.c_out));
  }
  return unit;
}

std::unique_ptr<EvalPlan::Step> EvalPlan::make_step(PlanBuilder& builder, const UpTensors& tensors,
                                                    int level, int time) {
  auto step = std::make_unique<Step>();
  step->tensors = tensors;
  step->block = model_.backend().up_block({.input = builder.shape_at(level + 1, tensors.c_in),
                                           .out_channels = tensors.c_out,
                                           .channel_unit = builder.channel_unit()},
                                          ConvUse::inference);
  builder.place(step->block->workspace_bytes(), &step->workspace, time, time);
  return step;
}

void EvalPlan::place_folded() {
  constexpr std::int64_t unit_floats = 64;  // addresses that vectors like
  std::int64_t count = 0;
  const auto take = [&count](std::int64_t floats) {
    const std::int64_t offset = count;
    count += (floats + unit_floats - 1) / unit_floats * unit_floats;
    return offset;
  };
  std::vector<std::pair<std::int64_t, std::int64_t>> offsets;
  for (const auto& unit : nodes_.units) {
    const std::int64_t weight = take(unit->tensors.c_out * unit->tensors.c_in * 9);
    offsets.emplace_back(weight, take(unit->tensors.c_out));
  }
  if (folded_ == nullptr) {
    folded_ = std::make_shared<DeviceMemory>(model_.backend(),
                                             static_cast<std::size_t>(count) * sizeof(float));
  }
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    nodes_.units[i]->weight = folded_->floats() + offsets[i].first;
    nodes_.units[i]->bias = folded_->floats() + offsets[i].second;
  }
}

void EvalPlan::load_weights() {
  for (const auto& unit : nodes_.units) {
    const ConvNormTensors& tensors = unit->tensors;
    model_.backend().fold_batch_norm({
        .out_channels = tensors.c_out,
        .weights_per_channel = tensors.c_in * 9,
        .weight = model_.value(tensors.conv.weight),
        .state = model_.norm_state(tensors.norm, &tensors.conv),
        .folded_weight = unit->weight,
        .folded_bias = unit->bias,
    });
    unit->conv->load_weight(unit->weight, unit->bias);
  }
  for (const auto& step : nodes_.steps) {
    const UpTensors& tensors = step->tensors;
    step->block->load_for_inference({model_.norm_state(tensors.norm1),
                                     model_.value(tensors.conv.weight),
                                     model_.norm_state(tensors.norm2, &tensors.conv)});
  }
}

void EvalPlan::forward(const float* images) {
  nodes_.set_images(images);
  nodes_.forward([](Unit& unit) { unit.forward(); },
                 [](Step& step) { step.block->infer(step.x, step.y, step.workspace); });
}

LossValue EvalPlan::evaluate(const float* images, const std::uint8_t* labels,
                             std::uint8_t* classes) {
  begin(images, labels, classes);
  return finish();
}

void EvalPlan::begin(const float* images, const std::uint8_t* labels, std::uint8_t* classes) {
  auto& recording = recordings_[{images, labels, classes}];
  if (recording == nullptr) {
    recording = model_.backend().record([this, images, labels, classes] {
      forward(images);
      const ConvTensors& head = model_.net().head;
      const float *weight = model_.value(head.weight), *bias = model_.value(head.bias);
      head_->forward(nodes_.output(), weight, bias, labels, static_cast<LossValue*>(loss_.get()));
      if (classes != nullptr) head_->predict(nodes_.output(), weight, bias, classes);
    });
  }
  recording->run();
}

LossValue EvalPlan::finish() {
  LossValue loss;
  model_.backend().copy_to_host(loss_.get(), &loss, sizeof loss);
  return loss;
}

void EvalPlan::logits(float* out) {
  const ConvTensors& head = model_.net().head;
  head_->logits(nodes_.output(), model_.value(head.weight), model_.value(head.bias), out);
}

}  // namespace hikaku
