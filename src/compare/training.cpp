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

/// The seconds of `images` from those of the steps done: each further image takes as long as the
/// median of the images so far.
double project(const PhaseStats& stats, std::int64_t images) {
  if (stats.step_seconds.empty()) return not_measured;  // all was done in an earlier run
  std::vector<double> per_image;
  for (std::size_t i = 0; i < stats.step_seconds.size(); ++i) {
    per_image.push_back(stats.step_seconds[i] / static_cast<double>(stats.step_images[i]));
  }
  return stats.seconds + median_of(per_image) * static_cast<double>(images - stats.images);
}

/// What training and evaluation have in common. A phase that was cut short becomes one of all the
/// `images` and `steps`, and says so.
template <class PhaseResult>
PhaseResult phase_result(const PhaseStats& stats, std::int64_t batch_size, std::size_t images,
                         std::int64_t steps) {
  PhaseResult result;
  result.images = static_cast<std::int64_t>(images);
  result.steps = steps;
  result.projected = stats.images < result.images;
  result.seconds = project(stats, result.images);
  result.mean_loss = stats.mean_loss();
  result.step_seconds = full_steps(stats, batch_size);
  return result;
}

}  // namespace

UnetResult training_result(const Model& model, const TrainerOptions& options, const PhaseWork& work,
                           const PhaseStats& train, const EvalStats& eval) {
  UnetResult result;
  result.device = model.backend().name();
  result.precision = name_of(model.backend().precision());
  result.batch_size = options.batch_size;
  result.size = options.size;
  result.train =
      phase_result<TrainResult>(train, options.batch_size, work.train_images, work.train_steps);
  result.train.losses = train.losses;
  result.train.breakdown_seconds["wait"] = train.wait_seconds;
  result.eval =
      phase_result<EvalResult>(eval, options.batch_size, work.eval_images, work.eval_steps);
  result.eval.pixel_accuracy = eval.pixel_accuracy;
  result.eval.mean_iou = eval.mean_iou;
  result.eval.iou_by_class = eval.iou_by_class;
  result.eval.lecture_iou = eval.lecture_iou;
  result.eval.background_only = {eval.background_pixel_accuracy, eval.background_mean_iou};
  return result;
}

UnetResult run_training(Model& model, const TrainVal& data, const TrainingOptions& options,
                        const TrainingObserver& observer, TrainingWitness* witness) {
  model.initialise(options.trainer.seed);
  if (witness != nullptr) witness->trace.initial_weights = fingerprint(model.to_host());
  Trainer trainer(model, data, options.trainer);
  const auto watch = [&](const char* phase, std::int64_t epoch) -> PhaseObserver {
    if (!observer) return {};
    return [&observer, phase, epoch](const PhaseProgress& at) { observer(phase, epoch, at); };
  };

  PhaseStats train;
  for (std::int64_t epoch = 0; epoch < options.epochs; ++epoch) {
    train = trainer.train_epoch(static_cast<std::uint64_t>(epoch), watch("train", epoch),
                                options.max_train_steps);
    stop_if_requested();
    if (witness != nullptr && epoch == 0) {
      witness->trace.items = train.items;
      witness->trace.losses = train.losses;
    }
  }
  const EvalStats eval = trainer.evaluate(watch("eval", 0), options.max_eval_steps);
  stop_if_requested();
  UnetResult result = training_result(
      model, options.trainer,
      {data.train.size(), data.val.size(), trainer.train_steps(), trainer.eval_steps()}, train,
      eval);
  if (witness != nullptr) {
    witness->trace.device = result.device;
    witness->trace.precision = result.precision;
    witness->trace.weights = model.to_host();
    witness->trace.checkpoint_loss = eval.mean_loss();
    if (witness->checkpoint != nullptr) {
      model.from_host(*witness->checkpoint);
      witness->trace.checkpoint_loss = trainer.evaluate({}, options.max_eval_steps).mean_loss();
      stop_if_requested();
    }
  }
  return result;
}

}  // namespace hikaku
