// Reads a data set batch by batch: worker threads decode the next batches while a step runs.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "data/augment.h"
#include "data/dataset.h"
#include "data/picture_cache.h"

namespace hikaku {

struct LoaderOptions {
  std::int64_t batch_size = 16;
  int height = 256, width = 256;
  int workers = 4;
  int ahead = 2;  ///< batches decoded before they are asked for
  bool shuffle = true;
  std::uint64_t seed = 0;
  Augmentation augment = {};
  std::shared_ptr<CacheBudget> cache = {};  ///< null: each epoch reads the files
};

/// Views on the loader's memory.
struct Batch {
  std::int64_t count = 0;                ///< pictures; the last batch of an epoch may be short
  float* images = nullptr;               ///< count x 3 x height x width, normalised
  std::uint8_t* labels = nullptr;        ///< count x height x width, void as background
  std::uint8_t* void_labels = nullptr;   ///< the same with void kept as 255, for metrics
  std::span<const std::uint32_t> items;  ///< positions in the data set's list
};

/// The order of the `count` items in an epoch: Fisher-Yates on the numbers of (seed, epoch) alone.
[[nodiscard]] std::vector<std::uint32_t> epoch_order(std::size_t count, std::uint64_t seed,
                                                     std::uint64_t epoch);

/// Batches come in the order of the epoch, whatever the number of workers. All memory is taken at
/// construction and used again and again.
class Loader {
 public:
  Loader(const Dataset& dataset, const LoaderOptions& options);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// Begins to read an epoch, at batch `first_batch` of it; what is left of another is dropped.
  void start(std::uint64_t epoch, std::int64_t first_batch = 0);

  /// The next batch, valid until the next call but one; null at the end of the epoch. Rethrows what
  /// went wrong with a file of this batch; the call after that goes on with the next batch.
  const Batch* next();
  /// True if next() would not wait.
  [[nodiscard]] bool ready();

  [[nodiscard]] std::int64_t batches() const { return batches_; }  ///< in an epoch
  [[nodiscard]] const Dataset& dataset() const { return dataset_; }

  /// Seconds that `next` has waited for data, in all.
  [[nodiscard]] double wait_seconds() const { return wait_seconds_; }
  /// Of all workers, for one picture with its mask on average: read, decode, resize. NaN before the
  /// first.
  [[nodiscard]] double picture_seconds();

 private:
  struct Slot {
    Batch batch;
    std::int64_t done = 0;        ///< items of the batch that are finished
    std::int64_t error_item = 0;  ///< position in the batch of `error`
    std::exception_ptr error;     ///< of the first bad item
  };
  struct FreePages {
    void operator()(std::byte* pages) const;
  };

  void allocate();
  void work(const std::stop_token& stop);
  void fill(const Slot& slot, std::int64_t item, Pair& memory);
  const Pair& pair_of(std::size_t index, Pair& memory);
  void finish(Slot& slot, std::int64_t item, std::exception_ptr error, double seconds);
  void drop_epoch(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] Slot& slot_of(std::int64_t batch) {
    return slots_[static_cast<std::size_t>(batch) % slots_.size()];
  }
  [[nodiscard]] std::int64_t count_of(std::int64_t batch) const;
  [[nodiscard]] bool can_take() const;

  const Dataset dataset_;
  const LoaderOptions options_;
  const std::int64_t batches_;
  std::unique_ptr<std::byte, FreePages> memory_;
  std::vector<Slot> slots_;  ///< batch b of the epoch lives in slot b % slots
  std::vector<std::uint32_t> order_;
  std::uint64_t epoch_ = 0;
  double wait_seconds_ = 0;
  PictureCache cache_;  ///< an item is in one worker's hands at a time

  std::mutex mutex_;                        ///< guards what follows, and the slots' progress
  std::condition_variable_any work_to_do_;  // the kind that a stop request wakes
  std::condition_variable item_done_;
  std::int64_t next_item_ = 0;         ///< of the epoch, to be taken by a worker
  std::int64_t next_batch_ = 0;        ///< to be handed out
  std::int64_t in_flight_ = 0;         ///< items that a worker has taken and not finished
  std::int64_t filled_ = 0;            ///< items, since construction
  double fill_seconds_ = 0;            ///< of all workers, for those
  std::vector<std::jthread> workers_;  ///< last: they end before what they use
};

}  // namespace hikaku
