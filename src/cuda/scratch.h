// Memory that ops share which run one after the other. It grows while they are planned.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "cuda/memory.h"

namespace hikaku::cuda {

class Scratch {
 public:
  /// get() is then valid until the next call that asks for more.
  void reserve(std::size_t bytes) {
    if (bytes <= memory_.bytes()) return;
    // Twice as much as before, or what is left behind would add up.
    const std::size_t wanted = std::max(bytes, recorded_ ? 2 * memory_.bytes() : 0);
    if (recorded_) kept_.push_back(std::move(memory_));
    recorded_ = false;
    memory_ = Memory();
    memory_ = Memory((wanted + unit - 1) / unit * unit);
  }
  [[nodiscard]] void* get() const { return memory_.get(); }
  /// What get() says now stays allocated: recorded work uses it.
  void keep() { recorded_ = true; }

 private:
  static constexpr std::size_t unit = std::size_t{64} << 20;

  Memory memory_;
  std::vector<Memory> kept_;
  bool recorded_ = false;
};

}  // namespace hikaku::cuda
