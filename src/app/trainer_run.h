// A training as `hikaku train` runs it: its options, the run's folder, going on, and the result.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/command.h"
#include "data/check.h"
#include "report/result.h"
#include "train/epoch_runner.h"

namespace hikaku {

class TrainerRun {
 public:
  void declare(Options& options);

  /// Reads --config, and with --resume what the checkpoint was run with; before anything else.
  void settle(const Context& context, SettingTable& settings);
  /// Throws what is wrong with the options and the data before anything long begins.
  void check(const Context& context);
  /// Trains on the checked data; adds the last epoch to `result`.
  void run(const Context& context, Backend& device, Result& result);

  std::string precision, device = "auto", json;
  std::int64_t seed = 0, threads = 0;
  bool deterministic = false;

 private:
  void declare_run(Options& options);
  void declare_learning(Options& options);
  void declare_augmentation(Options& options);
  [[nodiscard]] UNetConfig network(const Classes& classes) const;
  [[nodiscard]] TrainerOptions trainer_options() const;
  [[nodiscard]] Provenance provenance(const Backend& device, const Result& result) const;
  void begin(Model& model) const;
  void require_data_in_sight() const;
  void tell_differences(const Context& context, const Provenance& now) const;
  void require_same_start() const;
  void require_same_batches(const Provenance& now) const;
  void require_same_classes(const Classes& now) const;

  std::string data_, out_, weights_, config_;
  bool resume_ = false;
  std::int64_t epochs_ = 1, batch_size_ = 16, size_ = 256, workers_ = 4, keep_every_ = 0;
  std::int64_t cache_ = CacheBudget::automatic;  ///< MiB
  std::int64_t width_ = 64, levels_ = 5, accumulate_ = 1;
  double learning_rate_ = 0.001, weight_decay_ = 0, dice_share_ = 0.5, warmup_ = 0;
  std::string class_weights_ = "none", void_ = "background", schedule_ = "constant";
  Augmentation augment_;

  std::unique_ptr<RunFolder> folder_;     ///< null: nothing is kept
  std::optional<Checkpoint> found_;       ///< to go on from
  std::vector<std::string> differences_;  ///< of the options, from the checkpoint's
  std::string settings_;                  ///< resolved
  std::vector<float> weights_of_classes_;
};

}  // namespace hikaku
