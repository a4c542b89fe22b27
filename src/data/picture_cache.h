// Decoded pictures that are kept in memory, so that no file is read or decoded a second time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "data/dataset.h"

namespace hikaku {

/// How much decoded pictures may hold; the loaders of a training share one.
class CacheBudget {
 public:
  static constexpr std::int64_t automatic = -1;

  /// `limit` in bytes. `automatic`: a quarter of what would be available without the cache, looked
  /// at again and again while it grows, for the network takes its memory meanwhile.
  explicit CacheBudget(std::int64_t limit) : automatic_(limit == automatic), limit_(limit) {}

  /// False, with nothing taken, where that is too much.
  [[nodiscard]] bool take(std::int64_t bytes);
  [[nodiscard]] std::int64_t held() const;

 private:
  void look_again();

  const bool automatic_;
  mutable std::mutex mutex_;
  std::int64_t limit_, held_ = 0, next_look_ = 0;
};

/// The pairs of one list. What was kept stays: pictures come once an epoch in another order each
/// time, so that whatever were thrown out for a newer one would be missed as much. Several threads
/// may use it for different pairs at a time.
class PictureCache {
 public:
  /// Without a budget nothing is kept.
  PictureCache(std::size_t pairs, std::shared_ptr<CacheBudget> budget);

  /// Null if it is not there.
  [[nodiscard]] const Pair* find(std::size_t i) const {
    return i < pairs_.size() && pairs_[i] ? &*pairs_[i] : nullptr;
  }

  /// Keeps the pair if there is room: resized by nearest to `height` x `width` where that makes it
  /// smaller and `resize` allows it, else as it is. Resizing the kept one again changes nothing.
  void keep(std::size_t i, const Pair& pair, bool resize, int height, int width);

 private:
  std::shared_ptr<CacheBudget> budget_;
  std::vector<std::optional<Pair>> pairs_;
};

}  // namespace hikaku
