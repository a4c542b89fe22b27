// Memory planning: every buffer of a plan says when it is first and last used, and gets a place in
// one arena such that buffers alive at the same time never overlap. Nothing is allocated
// afterwards.
#pragma once

#include <cstddef>
#include <vector>

namespace hikaku {

class ArenaPlan {
 public:
  static constexpr std::size_t alignment = 4096;

  /// A buffer of `bytes`, alive from step `first_use` to step `last_use`, both inclusive. Returns
  /// its number.
  std::size_t add(std::size_t bytes, int first_use, int last_use);

  /// Assigns the offsets: the largest buffers first, each at the lowest place that is free for all
  /// its life (the greedy-by-size order of Pisarchyk & Lee, "Efficient Memory Management for Deep
  /// Neural Net Inference", 2020). Returns the arena's bytes.
  std::size_t finish();

  [[nodiscard]] std::size_t offset(std::size_t buffer) const { return buffers_.at(buffer).offset; }

 private:
  struct Buffer {
    std::size_t bytes;
    int first, last;
    std::size_t offset = 0;
  };
  std::vector<Buffer> buffers_;
};

}  // namespace hikaku
