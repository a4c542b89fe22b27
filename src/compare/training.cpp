#include "compare/training.h"

#include <algorithm>
#include <string_view>

#include "base/clock.h"
#include "base/memory.h"
#include "base/signals.h"
#include "nn/step_work.h"

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
/// median of the images so far, or as the loader needs for one where that is longer: a step's time
/// holds no wait for files, and the first batches were there early.
double project(const PhaseStats& stats, std::int64_t images) {
  if (stats.step_seconds.empty()) return not_measured;  // all was done in an earlier run
  std::vector<double> per_image;
  for (std::size_t i = 0; i < stats.step_seconds.size(); ++i) {
    per_image.push_back(stats.step_seconds[i] / static_cast<double>(stats.step_images[i]));
  }
  const double seconds = std::max(median_of(per_image), stats.picture_seconds);
  return stats.seconds + seconds * static_cast<double>(images - stats.images);
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

/// Keeps the energy of an epoch. One that is over before a window is long enough is repeated behind
/// everything else.
class EpochEnergy {
 public:
  EpochEnergy(Trainer& trainer, const TrainingOptions& options, std::size_t images)
      : trainer_(trainer), options_(options), images_(static_cast<double>(images)) {
    if (options.energy != nullptr && options.energy->on()) energy_ = options.energy;
  }

  PhaseStats watch(const std::function<PhaseStats()>& epoch) {
    if (energy_ == nullptr) return epoch();
    energy_->begin();
    PhaseStats stats = epoch();
    window_ = energy_->end();
    works_ = static_cast<double>(stats.images) / images_;
    return stats;
  }
  void finish(const UnetResult& result) {
    if (energy_ == nullptr) return;
    if (!energy_->long_enough(window_)) repeat();
    energy_->add("train", result.device, result.precision, window_, works_);
  }

 private:
  void repeat() {
    double images = 0;
    energy_->begin();
    const double start = clock_seconds();  // behind it: reading the counters takes milliseconds
    for (std::int64_t epoch = options_.epochs;; ++epoch) {
      const PhaseStats stats =
          trainer_.train_epoch(static_cast<std::uint64_t>(epoch), {}, options_.max_train_steps);
      stop_if_requested();
      images += static_cast<double>(stats.images);
      if (energy_->long_enough({clock_seconds() - start, {}})) break;
    }
    window_ = energy_->end();
    works_ = images / images_;
  }

  Trainer& trainer_;
  const TrainingOptions& options_;
  double images_;
  EnergyWatch* energy_ = nullptr;
  EnergyWindow window_;
  double works_ = 0;
};

ProfileResult profile_result(const StepProfile& profile, const Samples& unprofiled) {
  ProfileResult result;
  result.steps = static_cast<std::int64_t>(profile.steps.size());
  const auto put = [&](const char* name, double StepPhases::*part) {
    std::vector<double> seconds;
    for (const StepPhases& step : profile.steps) seconds.push_back(step.*part);
    result.phase_seconds[name] = median_of(seconds);
  };
  put("forward", &StepPhases::forward);
  put("loss", &StepPhases::loss);
  put("backward", &StepPhases::backward);
  put("adam", &StepPhases::adam);
  result.phase_seconds["wait"] = median_of(profile.wait_seconds);
  result.phase_seconds["copy"] = median_of(profile.copy_seconds);
  result.phase_seconds["decode"] = profile.decode_seconds;
  for (const StepPhases& step : profile.steps) result.step_seconds.values.push_back(step.sum());
  result.over_unprofiled = result.step_seconds.median() / unprofiled.median();
  return result;
}

/// What trains on although the result is complete: the weights are put back.
void run_behind(Model& model, Trainer& trainer, const TrainingOptions& options, EpochEnergy& energy,
                UnetResult& result) {
  constexpr double most_seconds = 20;
  const Weights kept = model.to_host();
  if (options.profile_steps > 0) {
    const auto epoch = static_cast<std::uint64_t>(options.epochs);
    result.train.profile = profile_result(
        trainer.profile(epoch, options.profile_steps, most_seconds), result.train.step_seconds);
    stop_if_requested();
  }
  energy.finish(result);
  model.from_host(kept);
}

/// Keeps the weights behind the first steps of the first epoch for the proof of the same work, and
/// how long that took.
class StartsKeeper {
 public:
  StartsKeeper(const Model& model, TrainingWitness* witness) : model_(model) {
    if (witness == nullptr || !witness->is_baseline) return;
    starts_ = &witness->trace.starts;
    constexpr std::int64_t share = 4;  // of what is free
    const std::int64_t floats = model.net().trained_count + model.net().statistics_count;
    const std::int64_t room = read_memory().available / share / std::int64_t{sizeof(float)};
    most_ = std::min(compared_steps - 1, static_cast<std::size_t>(room / floats));
  }
  void after_step() {
    if (starts_ == nullptr || starts_->size() >= most_) return;
    const double start = clock_seconds();
    starts_->push_back(model_.to_host());
    seconds_ += clock_seconds() - start;
  }
  [[nodiscard]] double seconds() const { return seconds_; }

 private:
  const Model& model_;
  std::vector<Weights>* starts_ = nullptr;
  std::size_t most_ = 0;
  double seconds_ = 0;
};

/// Does again what the baseline did, from its weights.
void compare_with_baseline(Model& model, Trainer& trainer, const TrainingOptions& options,
                           const TrainingTrace& baseline, TrainingTrace& trace) {
  model.from_host(baseline.weights);
  trace.checkpoint_loss = trainer.evaluate({}, options.max_eval_steps).mean_loss();
  stop_if_requested();
  if (!baseline.starts.empty()) {
    trace.losses_from_starts = trainer.losses_from(0, baseline.starts);
    stop_if_requested();
    model.initialise(options.trainer.seed);
    const Weights before = model.to_host();
    (void)trainer.train_epoch(0, {}, options.trainer.accumulate);
    stop_if_requested();
    trace.update_distance = update_distance(before, baseline.starts.front(), model.to_host());
  }
  model.from_host(trace.weights);  // for whoever looks at what was learnt here
}

}  // namespace

namespace {

std::string network_name(const UNetConfig& net) {
  const UNetConfig usual;
  if (net.width == usual.width && net.levels == usual.levels && net.classes == usual.classes) {
    return {};
  }
  return fmt::format("width {}, {} levels, {} classes", net.width, net.levels, net.classes);
}

}  // namespace

UnetResult training_result(const Model& model, const TrainerOptions& options, const PhaseWork& work,
                           const PhaseStats& train, const EvalStats& eval) {
  UnetResult result;
  result.device = model.backend().name();
  result.precision = name_of(model.backend().precision());
  result.batch_size = options.batch_size;
  result.size = options.size;
  result.network = network_name(model.net().config);
  result.peak_memory_bytes = static_cast<double>(model.backend().peak_memory_bytes());
  result.train =
      phase_result<TrainResult>(train, options.batch_size, work.train_images, work.train_steps);
  result.train.losses = train.losses;
  result.train.breakdown_seconds["wait"] = train.wait_seconds;
  const StepWork step = step_work(model.net(), {result.batch_size, result.size, result.size},
                                  model.backend().precision());
  result.train.step_flops = step.flops;
  result.train.step_bytes = step.bytes;
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
  const double begin = clock_seconds();
  Trainer trainer(model, data, options.trainer);
  EpochEnergy energy(trainer, options, data.train.size());
  StartsKeeper starts(model, witness);
  const auto watch = [&](const char* phase, std::int64_t epoch) -> PhaseObserver {
    return [&, phase, epoch](const PhaseProgress& at) {
      if (epoch == 0 && std::string_view(phase) == "train") starts.after_step();
      if (observer) observer(phase, epoch, at);
    };
  };

  PhaseStats train;
  for (std::int64_t epoch = 0; epoch < options.epochs; ++epoch) {
    train = energy.watch([&] {
      return trainer.train_epoch(static_cast<std::uint64_t>(epoch), watch("train", epoch),
                                 options.max_train_steps);
    });
    stop_if_requested();
    if (epoch == 0) train.seconds -= starts.seconds();
    if (witness != nullptr && epoch == 0) {
      witness->trace.items = train.items;
      witness->trace.losses = train.losses;
    }
  }
  const EvalStats eval = trainer.evaluate(watch("eval", 0), options.max_eval_steps);
  const double whole = clock_seconds() - begin - starts.seconds();
  stop_if_requested();
  UnetResult result = training_result(
      model, trainer.options(),
      {data.train.size(), data.val.size(), trainer.train_steps(), trainer.eval_steps()}, train,
      eval);
  if (!result.train.projected && !result.eval.projected) result.whole_seconds = whole;
  if (witness != nullptr) {
    witness->trace.device = result.device;
    witness->trace.precision = result.precision;
    witness->trace.weights = model.to_host();
    witness->trace.checkpoint_loss = eval.mean_loss();
    if (witness->baseline != nullptr) {
      compare_with_baseline(model, trainer, options, *witness->baseline, witness->trace);
    }
  }
  run_behind(model, trainer, options, energy, result);
  return result;
}

}  // namespace hikaku
