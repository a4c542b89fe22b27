// The training of the U-Net, as `compare` runs it (app/trainer_run.h: as `train` does); what both
// are told by options.
#pragma once

#include <string>

#include "app/command.h"
#include "app/race.h"
#include "compare/training.h"
#include "ops/backend.h"
#include "report/result.h"

namespace hikaku {

/// --batch-size and --size.
void declare_batch(Options& options, std::int64_t& batch_size, std::int64_t& size);

/// Throws ExitCode::usage if the U-Net cannot take images of size x size.
void require_size(std::int64_t size, const UNetConfig& network = {});

struct TrainingRun {
  std::string data, precision;  ///< precision "": the device's default
  std::int64_t batch_size = 16, size = 256, workers = 4, epochs = 1;
  double learning_rate = 0.001;
  /// 0: all; else a phase ends after so many steps.
  std::int64_t max_train_steps = 0, max_eval_steps = 0;
  std::int64_t profile_steps = 0;  ///< to be taken apart; 0: none

  void declare(Options& options);
  /// Throws what is wrong with the options and the data before anything long begins.
  void check(const Context& context);
  /// What is trained: a U-Net for the classes of the checked data.
  [[nodiscard]] UNetConfig network() const;
  /// Trains on the checked data, evaluates and adds that to `result`.
  void run(const Context& context, Backend& device, Result& result,
           TrainingWitness* witness = nullptr, EnergyWatch* energy = nullptr,
           Race* race = nullptr) const;
};

}  // namespace hikaku
