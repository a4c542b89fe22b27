// Trains and evaluates a model on a data set: files -> loader -> batch -> plan.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/loader.h"
#include "nn/eval_plan.h"
#include "nn/train_plan.h"
#include "train/metrics.h"
#include "train/schedule.h"

namespace hikaku {

struct TrainerOptions {
  std::int64_t batch_size = 16;
  int size = 256;  ///< pictures are resized to size x size
  int workers = 4;
  std::uint64_t seed = 0;
  AdamParams adam;  ///< its learning rate is what the schedule multiplies
  LossOptions loss;
  Schedule schedule;
  Augmentation augment;         ///< of the training list alone
  std::int64_t accumulate = 1;  ///< batches that one step of Adam sees as one
  /// For decoded pictures (CacheBudget), in bytes; 0: each epoch reads the files.
  std::int64_t cache_bytes = 0;
};

/// Where a phase stands; given to the observer after every step.
struct PhaseProgress {
  std::int64_t step = 0, steps = 0;
  std::int64_t images = 0;
  double seconds = 0;      ///< since the phase began
  double loss = 0;         ///< of the last batch
  std::int64_t first = 0;  ///< steps that were done before: an epoch may go on
};
using PhaseObserver = std::function<void(const PhaseProgress&)>;

/// One pass over a data set. Times are seconds.
struct PhaseStats {
  double seconds = 0;       ///< all of it, file reading included
  double wait_seconds = 0;  ///< of it: waiting for the loader
  /// A picture from the loader takes so long, its workers side by side: no epoch is faster.
  double picture_seconds = 0;
  std::int64_t images = 0;
  std::vector<double> losses;  ///< of each batch
  std::vector<double> cross_entropies, dices;
  std::vector<double> step_seconds;  ///< of each step alone, its batch on the device
  std::vector<std::int64_t> step_images;
  std::vector<std::uint32_t> items;  ///< positions in the list, in the order they were used
  bool stopped = false;              ///< by the stop request, before the last step

  /// Sum of the batches' losses over their number, as the reference averages.
  [[nodiscard]] double mean_loss() const;
  [[nodiscard]] double mean_cross_entropy() const;
  [[nodiscard]] double mean_dice() const;
  void add_loss(const LossValue& loss);
  /// Those of the batches so far, as add_loss() took them.
  [[nodiscard]] std::vector<LossValue> loss_values() const;
};

/// Some steps, taken apart. Times are seconds of one step.
struct StepProfile {
  std::vector<StepPhases> steps;
  std::vector<double> wait_seconds, copy_seconds;  ///< before each of them, on the same thread
  double decode_seconds = 0;  ///< of the loader's workers beside it, all together, for one batch
};

struct Score {
  double pixel_accuracy = 0, mean_iou = 0;
};

struct EvalStats : PhaseStats {
  double pixel_accuracy = 0, mean_iou = 0, mean_dice_by_class = 0;  ///< void ignored
  std::vector<double> iou_by_class, dice_by_class;
  std::vector<std::int64_t> confusion;                            ///< [label][prediction], pixels
  double background_pixel_accuracy = 0, background_mean_iou = 0;  ///< "background everywhere"
  Score with_void, background_with_void;  ///< the same two where void counts as background
  double lecture_iou = 0;
};

class Trainer {
 public:
  /// Plans everything: on a new machine this takes some seconds, for convolutions are chosen by
  /// timing. A list may be empty: its phase has no batches.
  Trainer(Model& model, const TrainVal& data, const TrainerOptions& options);

  /// One epoch; `epoch` (from 0) and the seed decide the order. Polls stop_requested() between
  /// steps. `max_steps` > 0 stops after so many batches. `done`: the losses of the batches that
  /// were done before, of an epoch that goes on behind them; they count among those of the result.
  PhaseStats train_epoch(std::uint64_t epoch, const PhaseObserver& observer = {},
                         std::int64_t max_steps = 0, const std::vector<LossValue>& done = {});
  /// Full batches of an epoch, `steps` of them at most, whose parts are done one after the other; a
  /// first one, which records them and waits for the loader to begin, is left out where there are
  /// more. Ends after the first step behind `most_seconds`. The model learns by it.
  StepProfile profile(std::uint64_t epoch, std::int64_t steps, double most_seconds);
  /// The losses of the epoch's batches from the second on, each from weights of its own: starts[i]
  /// for batch i + 1. Leaves gradients and the last of these weights in the model.
  std::vector<double> losses_from(std::uint64_t epoch,
                                  std::span<const std::map<std::string, HostTensor>> starts);
  /// The validation list in its order.
  EvalStats evaluate(const PhaseObserver& observer = {}, std::int64_t max_steps = 0);

  /// As they were asked for, but batches are no larger than the longer list.
  [[nodiscard]] const TrainerOptions& options() const { return options_; }
  /// In batches; several of them may make one step of Adam.
  [[nodiscard]] std::int64_t train_steps() const { return train_loader_.batches(); }
  [[nodiscard]] std::int64_t eval_steps() const { return eval_loader_.batches(); }
  /// At batch `batch` of an epoch, from 0.
  [[nodiscard]] double learning_rate(std::uint64_t epoch, std::int64_t batch) const;

 private:
  Trainer(Model& model, const TrainVal& data, const TrainerOptions& options,
          const std::shared_ptr<CacheBudget>& cache);

  /// A batch on the device.
  struct Place {
    DeviceMemory images, labels;
    [[nodiscard]] const std::uint8_t* label_bytes() const {
      return static_cast<const std::uint8_t*>(labels.get());
    }
  };
  /// Batches `first` to `last` of an epoch, and what is done with each of them, in two parts
  /// between which the device may work alone. It can be stopped before every `group`-th batch.
  struct Phase {
    Loader& loader;
    std::uint64_t epoch;
    std::int64_t first, last, group;
    std::function<void(std::int64_t batch, const Batch&, const Place&)> begin;
    std::function<LossValue(std::int64_t batch, const Batch&)> finish;
  };
  /// Does it for each batch, and keeps the times.
  void run(const Phase& phase, const PhaseObserver& observer, PhaseStats& stats);
  /// Where batch `batch` stands in its step: its share of the step's images, whether it is the
  /// first or the last one.
  struct Member {
    float share;
    bool first, last;
  };
  [[nodiscard]] Member member(std::int64_t batch, std::int64_t last_batch) const;
  [[nodiscard]] Place make_place() const;
  [[nodiscard]] const Place& place_of(std::int64_t step) const {
    return places_.at(static_cast<std::size_t>(step % 2));
  }
  void upload(const Batch& batch, const Place& place);
  [[nodiscard]] BatchShape shape_of(std::int64_t images) const;

  Model& model_;
  TrainerOptions options_;
  Loader train_loader_, eval_loader_;
  std::map<std::int64_t, std::unique_ptr<TrainPlan>> train_plans_;  ///< by the batch's images
  std::map<std::int64_t, std::unique_ptr<EvalPlan>> eval_plans_;
  std::array<Place, 2> places_;  ///< taken in turns: the next batch travels while one is in use
  DeviceMemory predictions_;
};

}  // namespace hikaku
