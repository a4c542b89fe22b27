#include "tensor/arena.h"

#include <algorithm>
#include <numeric>

namespace hikaku {

std::size_t ArenaPlan::add(std::size_t bytes, int first_use, int last_use) {
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  buffers_.push_back({rounded, first_use, last_use});
  return buffers_.size() - 1;
}

std::size_t ArenaPlan::finish() {
  std::vector<std::size_t> order(buffers_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return buffers_[a].bytes > buffers_[b].bytes;
  });
  std::vector<const Buffer*> placed;  // by offset
  std::size_t total = 0;
  for (const std::size_t index : order) {
    Buffer& buffer = buffers_[index];
    std::size_t at = 0;
    for (const Buffer* other : placed) {
      const bool together = other->first <= buffer.last && buffer.first <= other->last;
      if (!together) continue;
      if (at + buffer.bytes <= other->offset) break;
      at = std::max(at, other->offset + other->bytes);
    }
    buffer.offset = at;
    total = std::max(total, at + buffer.bytes);
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), &buffer,
                         [](const Buffer* a, const Buffer* b) { return a->offset < b->offset; }),
        &buffer);
  }
  return total;
}

}  // namespace hikaku
