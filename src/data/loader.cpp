#include "data/loader.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/clock.h"
#include "base/philox.h"
#include "data/transform.h"
#include "data/voc_palette.h"

namespace hikaku {
namespace {

constexpr std::size_t page_bytes = 4096;

std::size_t whole_pages(std::size_t bytes) {
  return (bytes + page_bytes - 1) / page_bytes * page_bytes;
}

const LoaderOptions& validated(const LoaderOptions& options) {
  require(options.batch_size > 0 && options.height > 0 && options.width > 0 &&
              options.workers > 0 && options.ahead > 0,
          "[loader] batch size {}, {} x {}, {} workers, {} ahead; all must be positive",
          options.batch_size, options.height, options.width, options.workers, options.ahead);
  return options;
}

/// Every failure names the file that it happened with.
std::exception_ptr named(std::exception_ptr failure, const std::string& file) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error&) {
    return failure;
  } catch (const std::bad_alloc&) {
    return std::make_exception_ptr(Error(ExitCode::out_of_memory,
                                         file + ": not enough memory to decode it",
                                         "close other programs, or use fewer workers"));
  } catch (const std::exception& error) {
    return std::make_exception_ptr(
        Error(ExitCode::internal, file + ": " + error.what(), "please report this, with the file"));
  }
}

}  // namespace

std::vector<std::uint32_t> epoch_order(std::size_t count, std::uint64_t seed, std::uint64_t epoch) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  Philox random(seed, RandomUse::shuffle, epoch);
  for (std::size_t i = count; i > 1; --i) {
    std::swap(order[i - 1], order[random.below(static_cast<std::uint32_t>(i))]);
  }
  return order;
}

void Loader::FreePages::operator()(std::byte* pages) const {
  ::operator delete (pages, std::align_val_t{page_bytes});
}

Loader::Loader(const Dataset& dataset, const LoaderOptions& options)
    : dataset_(dataset),
      options_(validated(options)),
      batches_((static_cast<std::int64_t>(dataset.size()) + options.batch_size - 1) /
               options.batch_size),
      order_(dataset.size()),
      cache_(dataset.size(), options.cache) {
  allocate();
  next_item_ = static_cast<std::int64_t>(order_.size());
  next_batch_ = batches_;
  for (int i = 0; i < options.workers; ++i) {
    workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

Loader::~Loader() {
  for (std::jthread& worker : workers_)
    worker.request_stop();  // all at once, before each is joined
}

void Loader::allocate() {
  const auto pixels = static_cast<std::size_t>(options_.batch_size) *
                      static_cast<std::size_t>(options_.height) *
                      static_cast<std::size_t>(options_.width);
  const std::size_t image_bytes = whole_pages(pixels * 3 * sizeof(float));
  const std::size_t label_bytes = whole_pages(pixels);
  const std::size_t slot_bytes = image_bytes + 2 * label_bytes;
  slots_.resize(static_cast<std::size_t>(options_.ahead) + 2);  // two are in the caller's hands
  memory_.reset(static_cast<std::byte*>(
      ::operator new (slots_.size() * slot_bytes, std::align_val_t{page_bytes})));
  std::byte* at = memory_.get();
  for (Slot& slot : slots_) {
    slot.batch.images = reinterpret_cast<float*>(at);
    slot.batch.labels = reinterpret_cast<std::uint8_t*>(at + image_bytes);
    slot.batch.void_labels = slot.batch.labels + label_bytes;
    at += slot_bytes;
  }
}

std::int64_t Loader::count_of(std::int64_t batch) const {
  const auto items = static_cast<std::int64_t>(order_.size());
  return std::min(options_.batch_size, items - batch * options_.batch_size);
}

/// A worker may begin an item if its batch's slot is not in use: batches next_batch_ ... are ahead,
/// and the two before are in the caller's hands.
bool Loader::can_take() const {
  return next_item_ < static_cast<std::int64_t>(order_.size()) &&
         next_item_ / options_.batch_size < next_batch_ + options_.ahead;
}

void Loader::start(std::uint64_t epoch, std::int64_t first_batch) {
  require(first_batch >= 0 && first_batch <= batches_, "[loader] batch {} of {}", first_batch,
          batches_);
  std::unique_lock lock(mutex_);
  drop_epoch(lock);
  epoch_ = epoch;
  if (options_.shuffle) {
    order_ = epoch_order(order_.size(), options_.seed, epoch);
  } else {
    std::iota(order_.begin(), order_.end(), 0u);
  }
  for (Slot& slot : slots_) {
    slot.done = 0;
    slot.error = nullptr;
  }
  next_batch_ = first_batch;
  next_item_ = first_batch * options_.batch_size;
  lock.unlock();
  work_to_do_.notify_all();
}

void Loader::drop_epoch(std::unique_lock<std::mutex>& lock) {
  next_item_ = static_cast<std::int64_t>(order_.size());
  item_done_.wait(lock, [this] { return in_flight_ == 0; });
}

bool Loader::ready() {
  const std::lock_guard lock(mutex_);
  return next_batch_ == batches_ || slot_of(next_batch_).done == count_of(next_batch_);
}

const Batch* Loader::next() {
  std::unique_lock lock(mutex_);
  if (next_batch_ == batches_) return nullptr;
  const std::int64_t number = next_batch_;
  Slot& slot = slot_of(number);
  const double begin = clock_seconds();
  item_done_.wait(lock, [&] { return slot.done == count_of(number); });
  wait_seconds_ += clock_seconds() - begin;
  slot.done = 0;
  ++next_batch_;  // gives the slot of the batch before the last one back to the workers
  const std::exception_ptr error = std::exchange(slot.error, nullptr);
  lock.unlock();
  work_to_do_.notify_all();
  if (error) std::rethrow_exception(error);
  const auto count = static_cast<std::size_t>(count_of(number));
  slot.batch.count = count_of(number);
  slot.batch.items =
      std::span(order_).subspan(static_cast<std::size_t>(number * options_.batch_size), count);
  return &slot.batch;
}

void Loader::work(const std::stop_token& stop) {
  Pair pair;
  std::unique_lock lock(mutex_);
  for (;;) {
    const bool taken = work_to_do_.wait(lock, stop, [this] { return can_take(); });
    if (!taken || stop.stop_requested()) return;
    const std::int64_t item = next_item_++;
    ++in_flight_;
    Slot& slot = slot_of(item / options_.batch_size);
    lock.unlock();
    const double begin = clock_seconds();
    std::exception_ptr error;
    try {
      fill(slot, item, pair);
    } catch (...) {
      const std::size_t index = order_[static_cast<std::size_t>(item)];
      error = named(std::current_exception(), dataset_.picture_path(index).string());
    }
    const double seconds = clock_seconds() - begin;
    lock.lock();
    finish(slot, item, std::move(error), seconds);
  }
}

/// From the cache, or from the files into `memory`.
const Pair& Loader::pair_of(std::size_t index, Pair& memory) {
  if (const Pair* kept = cache_.find(index)) return *kept;
  read_picture(dataset_, index, memory);
  read_mask(dataset_, index, memory);
  require_consistent(dataset_, index, memory);
  cache_.keep(index, memory, !options_.augment.moves(), options_.height, options_.width);
  return memory;
}

void Loader::fill(const Slot& slot, std::int64_t item, Pair& memory) {
  const std::size_t index = order_[static_cast<std::size_t>(item)];
  const Pair& pair = pair_of(index, memory);
  const int height = options_.height, width = options_.width;
  const std::int64_t at = item % options_.batch_size * height * width;
  if (options_.augment.any()) {
    const AugmentDraw draw = draw_augmentation(options_.augment, options_.seed, epoch_, index);
    const auto sources =
        augmented_sources(draw, pair.picture.height, pair.picture.width, height, width);
    augment_picture(pair.picture, draw, sources, slot.batch.images + 3 * at);
    augment_mask(pair.mask, sources, 0, slot.batch.labels + at);
    augment_mask(pair.mask, sources, void_label, slot.batch.void_labels + at);
    return;
  }
  transform_picture(pair.picture, height, width, slot.batch.images + 3 * at);
  transform_mask(pair.mask, height, width, 0, slot.batch.labels + at);
  transform_mask(pair.mask, height, width, void_label, slot.batch.void_labels + at);
}

double Loader::picture_seconds() {
  const std::lock_guard lock(mutex_);
  return fill_seconds_ / static_cast<double>(filled_);
}

void Loader::finish(Slot& slot, std::int64_t item, std::exception_ptr error, double seconds) {
  ++filled_;
  fill_seconds_ += seconds;
  if (error && (!slot.error || item < slot.error_item)) {
    slot.error = std::move(error);
    slot.error_item = item;
  }
  ++slot.done;
  --in_flight_;
  item_done_.notify_all();
}

}  // namespace hikaku
