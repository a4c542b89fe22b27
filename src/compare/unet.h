// The second experiment: one epoch of U-Net training and the evaluation, from the files, on a device.
#pragma once

#include <functional>
#include <string>

#include "report/result.h"
#include "train/trainer.h"

namespace hikaku {

struct UnetOptions {
  UNetConfig config;
  TrainerOptions trainer;
  /// So many steps of each phase only, and the rest projected from them; 0: all of them.
  std::int64_t quick_steps = 0;
};

/// Told after each step: the phase ("plan", "train" or "evaluate") and where it stands.
using UnetProgress = std::function<void(const std::string& phase, const PhaseProgress&)>;

/// Trains a new network for one epoch and evaluates it. A stop request throws
/// ExitCode::interrupted or terminated between two steps.
[[nodiscard]] UnetResult run_unet(Backend& backend, const TrainVal& data,
                                  const UnetOptions& options, const UnetProgress& progress = {});

[[nodiscard]] TrainResult train_result(const PhaseStats& stats);
[[nodiscard]] EvalResult eval_result(const EvalStats& stats);

}  // namespace hikaku
