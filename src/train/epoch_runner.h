// A training as its user runs it: epochs of training and evaluation, figures, checkpoints, and
// going on where an earlier run stopped.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "train/metrics_log.h"
#include "train/run_folder.h"
#include "train/trainer.h"

namespace hikaku {

struct EpochRunnerOptions {
  TrainerOptions trainer;
  std::int64_t epochs = 1;
  std::int64_t keep_every = 0;  ///< epochs; 0: only last and best are kept
  Provenance provenance;
};

/// What is being done ("train", "eval"), the epoch from 0, and how far it is.
using EpochObserver =
    std::function<void(const std::string& phase, std::int64_t epoch, const PhaseProgress&)>;

/// What an epoch, counted from 1, came to.
struct EpochSummary {
  std::int64_t epoch;
  double train_loss, eval_loss, pixel_accuracy, mean_iou;
};

/// Of the last epoch that was run; nothing where none was left to do.
struct EpochRunnerResult {
  std::optional<PhaseStats> train;
  std::optional<EvalStats> eval;
  std::vector<EpochSummary> epochs;  ///< all of this run
};

class EpochRunner {
 public:
  /// `folder` null: nothing is kept. The model holds its weights already, and what `progress` says
  /// was done to them. `say` takes sentences for the user.
  EpochRunner(Model& model, const TrainVal& data, EpochRunnerOptions options,
              const RunFolder* folder, const RunProgress& progress,
              std::function<void(const std::string&)> say);

  /// Throws when a stop was requested, after the step that ran and when all is saved: with the code
  /// of the signal. A checkpoint that cannot be written is said, and tried again an epoch later;
  /// the last one throws ExitCode::bad_data.
  EpochRunnerResult run(const EpochObserver& observer = {});

  [[nodiscard]] Trainer& trainer() { return trainer_; }

 private:
  [[nodiscard]] PhaseObserver watch(const EpochObserver& observer, const char* phase,
                                    std::int64_t epoch) const;
  void finish_epoch(const EpochRunnerResult& result);
  void note_best(const EvalStats& eval);
  void save(const std::filesystem::path& file);
  void save_if_due(bool last);
  [[noreturn]] void stop(const PhaseStats& train, std::int64_t batches);

  Model& model_;
  EpochRunnerOptions options_;
  const RunFolder* folder_;
  RunProgress progress_;
  std::function<void(const std::string&)> say_;
  Trainer trainer_;
  std::optional<MetricsLog> log_;
  std::optional<std::pair<WeightMap, RunProgress>> best_;  ///< not on the disk yet
  double saved_at_ = 0, save_seconds_ = 0;
};

}  // namespace hikaku
