// The second experiment: the U-Net, trained for some epochs and then evaluated, on one device.
#pragma once

#include <functional>
#include <string>

#include "compare/energy_watch.h"
#include "compare/same_work.h"
#include "report/result.h"
#include "train/trainer.h"

namespace hikaku {

struct TrainingOptions {
  TrainerOptions trainer;
  std::int64_t epochs = 1;
  /// 0, or the steps after which a phase ends; its seconds are then projected to all its images.
  std::int64_t max_train_steps = 0, max_eval_steps = 0;
  std::int64_t profile_steps = 0;  ///< taken apart behind the evaluation; 0: none
  EnergyWatch* energy = nullptr;   ///< counts that of an epoch
};

/// What is being done ("train", "eval"), the epoch from 0, and how far it is.
using TrainingObserver =
    std::function<void(const std::string& phase, std::int64_t epoch, const PhaseProgress&)>;

/// What makes a training comparable with another device's.
struct TrainingWitness {
  TrainingTrace trace;       ///< of this training
  bool is_baseline = false;  ///< keeps TrainingTrace::starts, as far as memory allows
  /// What it is compared with, behind the training; null: nothing.
  const TrainingTrace* baseline = nullptr;
};

/// How much a whole epoch is.
struct PhaseWork {
  std::size_t train_images, eval_images;
  std::int64_t train_steps, eval_steps;
};

/// An epoch of training and its evaluation as a result. What was cut short, or begun by an earlier
/// run, is projected.
[[nodiscard]] UnetResult training_result(const Model& model, const TrainerOptions& options,
                                         const PhaseWork& work, const PhaseStats& train,
                                         const EvalStats& eval);

/// Trains the model, which is initialised from the trainer's seed, and evaluates it. `train` of the
/// result is the last epoch. Throws what stop_if_requested() throws when a stop was requested, and
/// ExitCode::diverged for a loss that is not finite.
[[nodiscard]] UnetResult run_training(Model& model, const TrainVal& data,
                                      const TrainingOptions& options,
                                      const TrainingObserver& observer = {},
                                      TrainingWitness* witness = nullptr);

}  // namespace hikaku
