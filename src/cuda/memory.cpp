#include "cuda/memory.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "base/memory.h"
#include "cuda/check.h"

namespace hikaku::cuda {
namespace {

class Account {
 public:
  void add(void* memory, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    sizes_[memory] = bytes;
    in_use_ += bytes;
    peak_ = std::max(peak_, in_use_);
  }
  void remove(void* memory) {
    const std::lock_guard lock(mutex_);
    const auto found = sizes_.find(memory);
    if (found == sizes_.end()) return;
    in_use_ -= found->second;
    sizes_.erase(found);
  }
  void forget_peak() {
    const std::lock_guard lock(mutex_);
    peak_ = in_use_;
  }
  [[nodiscard]] std::size_t peak() const {
    const std::lock_guard lock(mutex_);
    return peak_;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<void*, std::size_t> sizes_;
  std::size_t in_use_ = 0, peak_ = 0;
};

Account& account() {
  static Account all;
  return all;
}

OutOfMemory out_of_device_memory(std::size_t bytes) {
  return {"GPU memory", "one more array", bytes, static_cast<std::size_t>(free_memory()),
          "use a smaller --batch-size or --size, or free the GPU of other programs"};
}

}  // namespace

void* allocate_memory(std::size_t bytes, bool counted) {
  if (bytes == 0) return nullptr;
  void* memory = nullptr;
  const cudaError_t status = cudaMalloc(&memory, bytes);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // or the next call would report it again
    throw out_of_device_memory(bytes);
  }
  check(status, "cudaMalloc");
  if (counted) account().add(memory, bytes);
  // Not all of our streams wait for the default one, on which this runs.
  HIKAKU_CUDA(cudaMemset(memory, 0, bytes));
  HIKAKU_CUDA(cudaStreamSynchronize(nullptr));
  return memory;
}

void release_memory(void* memory) noexcept {
  if (memory == nullptr) return;
  account().remove(memory);
  cudaFree(memory);  // waits for the work that uses it
}

std::int64_t free_memory() {
  std::size_t free = 0, total = 0;
  cudaMemGetInfo(&free, &total);
  return static_cast<std::int64_t>(free);
}

void forget_peak_memory() { account().forget_peak(); }

std::int64_t peak_memory() { return static_cast<std::int64_t>(account().peak()); }

}  // namespace hikaku::cuda
