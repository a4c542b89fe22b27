#include "compare/unet.h"

#include "base/signals.h"

namespace hikaku {
namespace {

/// Seconds of the whole phase from those of some of its steps: each further picture takes as long as
/// the median of the pictures so far.
double project(const PhaseStats& stats, std::int64_t images) {
  std::vector<double> per_image;
  for (std::size_t i = 0; i < stats.step_seconds.size(); ++i) {
    per_image.push_back(stats.step_seconds[i] / static_cast<double>(stats.step_images[i]));
  }
  return stats.seconds + median_of(per_image) * static_cast<double>(images - stats.images);
}

/// Makes a phase that was cut short one of all the `images`, and says so.
template <class PhaseResult>
void complete(const PhaseStats& stats, std::size_t images, std::int64_t steps,
              PhaseResult& result) {
  const auto all = static_cast<std::int64_t>(images);
  if (stats.images == all) return;
  result.projected = true;
  result.seconds = project(stats, all);
  result.images = all;
  result.steps = steps;
}

PhaseObserver observe(const UnetProgress& progress, const char* phase) {
  return [&progress, phase](const PhaseProgress& state) {
    if (progress) progress(phase, state);
  };
}

}  // namespace

TrainResult train_result(const PhaseStats& stats) {
  TrainResult result;
  result.seconds = stats.seconds;
  result.images = stats.images;
  result.steps = static_cast<std::int64_t>(stats.losses.size());
  result.mean_loss = stats.mean_loss();
  result.losses = stats.losses;
  result.step_seconds.values = stats.step_seconds;
  result.breakdown_seconds["wait"] = stats.wait_seconds;
  return result;
}

EvalResult eval_result(const EvalStats& stats) {
  EvalResult result;
  result.seconds = stats.seconds;
  result.images = stats.images;
  result.steps = static_cast<std::int64_t>(stats.losses.size());
  result.step_seconds.values = stats.step_seconds;
  result.mean_loss = stats.mean_loss();
  result.pixel_accuracy = stats.pixel_accuracy;
  result.mean_iou = stats.mean_iou;
  result.iou_by_class = stats.iou_by_class;
  result.lecture_iou = stats.lecture_iou;
  result.background_only = {stats.background_pixel_accuracy, stats.background_mean_iou};
  return result;
}

UnetResult run_unet(Backend& backend, const TrainVal& data, const UnetOptions& options,
                    const UnetProgress& progress) {
  if (progress) progress("plan", {});
  Model model(options.config, backend, true);
  model.initialise(options.trainer.seed);
  Trainer trainer(model, data, options.trainer);

  UnetResult result;
  result.device = backend.name();
  result.precision = "f32";
  result.batch_size = options.trainer.batch_size;
  result.size = options.trainer.size;

  const PhaseStats train =
      trainer.train_epoch(0, observe(progress, "train"), options.quick_steps);
  stop_if_requested();
  result.train = train_result(train);
  const EvalStats eval = trainer.evaluate(observe(progress, "evaluate"), options.quick_steps);
  stop_if_requested();
  result.eval = eval_result(eval);
  complete(train, data.train.size(), trainer.train_steps(), result.train);
  complete(eval, data.val.size(), trainer.eval_steps(), result.eval);
  return result;
}

}  // namespace hikaku
