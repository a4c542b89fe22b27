// Memory of the GPU, counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace hikaku::cuda {

/// Of the current device; zeroed, aligned to 256 bytes. Null for no bytes. Throws OutOfMemory
/// (base/memory.h). Not to be called while work is being recorded.
void* allocate_memory(std::size_t bytes, bool counted = true);
void release_memory(void* memory) noexcept;

/// Of the current device: the most bytes that were allocated at one time, but for those that only
/// planning needed.
[[nodiscard]] std::int64_t peak_memory();
void forget_peak_memory();                 ///< it is what is allocated now
[[nodiscard]] std::int64_t free_memory();  ///< of the current device, for all programs

/// A move-only piece of such memory.
class Memory {
 public:
  Memory() = default;
  explicit Memory(std::size_t bytes, bool counted = true)
      : data_(allocate_memory(bytes, counted)), bytes_(bytes) {}
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
  [[nodiscard]] std::byte* data() const { return static_cast<std::byte*>(data_); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace hikaku::cuda
