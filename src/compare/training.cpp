#include "compare/training.h"

#include "base/signals.h"

namespace hikaku {
namespace {

/// The times of full batches; the last one of an epoch may be short, and is another size of work.
Samples full_steps(const PhaseStats& stats, std::int64_t batch_size) {
  Samples samples;
  for (std::size_t i = 0; i < stats.step_seconds.size(); ++i) {
    if (stats.step_images[i] == batch_size) samples.values.push_back(stats.step_seconds[i]);
  }
  return samples;
}

/// `steps` and `images` are those of a whole epoch; one that was cut short is projected to it.
TrainResult train_result(const PhaseStats& stats, std::int64_t batch_size, std::int64_t steps,
                         std::size_t images) {
  const auto run = static_cast<double>(stats.losses.size());
  TrainResult result;
  result.projected = stats.losses.size() < static_cast<std::size_t>(steps);
  result.seconds = stats.seconds * static_cast<double>(steps) / run;
  result.images = static_cast<std::int64_t>(images);
  result.steps = steps;
  result.mean_loss = stats.mean_loss();
  result.losses = stats.losses;
  result.step_seconds = full_steps(stats, batch_size);
  result.breakdown_seconds["wait"] = stats.wait_seconds;
  return result;
}

EvalResult eval_result(const EvalStats& stats, std::int64_t batch_size) {
  EvalResult result;
  result.seconds = stats.seconds;
  result.images = stats.images;
  result.steps = static_cast<std::int64_t>(stats.losses.size());
  result.step_seconds = full_steps(stats, batch_size);
  result.mean_loss = stats.mean_loss();
  result.pixel_accuracy = stats.pixel_accuracy;
  result.mean_iou = stats.mean_iou;
  result.iou_by_class = stats.iou_by_class;
  result.background_only = {stats.background_pixel_accuracy, stats.background_mean_iou};
  return result;
}

}  // namespace

UnetResult run_training(Model& model, const TrainVal& data, const TrainingOptions& options,
                        const TrainingObserver& observer) {
  model.initialise(options.trainer.seed);
  Trainer trainer(model, data, options.trainer);
  const auto watch = [&](const char* phase, std::int64_t epoch) -> PhaseObserver {
    if (!observer) return {};
    return [&observer, phase, epoch](const PhaseProgress& at) { observer(phase, epoch, at); };
  };

  UnetResult result;
  result.device = model.backend().name();
  result.precision = "f32";
  result.batch_size = options.trainer.batch_size;
  result.size = options.trainer.size;
  for (std::int64_t epoch = 0; epoch < options.epochs; ++epoch) {
    const PhaseStats stats = trainer.train_epoch(static_cast<std::uint64_t>(epoch),
                                                 watch("train", epoch), options.max_train_steps);
    stop_if_requested();
    result.train = train_result(stats, result.batch_size, trainer.train_steps(), data.train.size());
  }
  const EvalStats stats = trainer.evaluate(watch("eval", 0), options.max_eval_steps);
  stop_if_requested();
  result.eval = eval_result(stats, result.batch_size);
  return result;
}

}  // namespace hikaku
