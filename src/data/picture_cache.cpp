#include "data/picture_cache.h"

#include <new>
#include <utility>

#include "base/memory.h"
#include "data/transform.h"

namespace hikaku {
namespace {

constexpr std::int64_t bytes_a_pixel = 4;  // red, green, blue, class
constexpr std::int64_t look_every = std::int64_t{64} << 20;
/// Where the system does not tell what is available.
constexpr std::int64_t unknown_limit = std::int64_t{256} << 20;

Pair copy_of(const Pair& pair, bool resize, int height, int width) {
  Pair kept;
  if (resize) {
    kept.picture = resize_picture(pair.picture, height, width);
    kept.mask = resize_mask(pair.mask, height, width);
  } else {
    kept.picture = {pair.picture.width, pair.picture.height, pair.picture.rgb, 1, {}};
    kept.mask = {pair.mask.width, pair.mask.height, pair.mask.index, {}};
  }
  return kept;
}

}  // namespace

void CacheBudget::look_again() {
  if (!automatic_ || held_ < next_look_) return;
  const std::int64_t available = read_memory().available;
  limit_ = available > 0 ? (available + held_) / 4 : unknown_limit;
  next_look_ = held_ + look_every;
}

bool CacheBudget::take(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  look_again();
  if (held_ + bytes > limit_) return false;
  held_ += bytes;
  return true;
}

std::int64_t CacheBudget::held() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

PictureCache::PictureCache(std::size_t pairs, std::shared_ptr<CacheBudget> budget)
    : budget_(std::move(budget)), pairs_(budget_ ? pairs : 0) {}

void PictureCache::keep(std::size_t i, const Pair& pair, bool resize, int height, int width) {
  if (!budget_) return;
  const std::int64_t whole = std::int64_t{pair.picture.height} * pair.picture.width;
  const std::int64_t resized = std::int64_t{height} * width;
  const bool smaller = resize && resized < whole;
  if (!budget_->take(bytes_a_pixel * (smaller ? resized : whole))) return;
  try {
    pairs_.at(i) = copy_of(pair, smaller, height, width);
  } catch (const std::bad_alloc&) {
    // Without it the training only reads the file again.
  }
}

}  // namespace hikaku
