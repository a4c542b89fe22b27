// What the CPU's ops share: scratch memory that grows while ops are planned, and the tuning file.
#pragma once

#include <cstddef>

#include "base/tuning.h"
#include "cpu/simd/kernels.h"
#include "ops/conv2d.h"

namespace hikaku::cpu {

/// Memory from the system: zeroed by all threads, in huge pages where the system has them.
/// Throws OutOfMemory, before the system is asked for more than it has.
void* allocate_memory(std::size_t bytes);
void release_memory(void* memory) noexcept;

/// A move-only piece of such memory.
class Memory {
 public:
  Memory() = default;
  explicit Memory(std::size_t bytes) : data_(allocate_memory(bytes)), bytes_(bytes) {}
  ~Memory() { release_memory(data_); }
  Memory(Memory&& other) noexcept : data_(other.data_), bytes_(other.bytes_) {
    other.data_ = nullptr;
    other.bytes_ = 0;
  }
  Memory& operator=(Memory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  [[nodiscard]] void* get() const { return data_; }
  [[nodiscard]] float* floats() const { return static_cast<float*>(data_); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

struct Context {
  Context();

  const Kernels& kernels;
  std::int64_t block;  ///< channels of a blocked layout: 16, 8, or 1 for NCHW
  Tuning tuning;

  /// Called while planning; scratch() is then valid until the next call. Ops run one after the
  /// other and share it.
  void reserve_scratch(std::size_t bytes);
  [[nodiscard]] void* scratch() const { return scratch_.get(); }

  [[nodiscard]] Layout layout_of(const Shape& shape, std::int64_t channel_unit) const;

 private:
  Memory scratch_;
};

}  // namespace hikaku::cpu
