#include "cuda/memory.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>

#include "base/memory.h"
#include "cuda/check.h"

namespace hikaku::cuda {
namespace {

int current_device() {
  int device = 0;
  HIKAKU_CUDA(cudaGetDevice(&device));
  return device;
}

/// Each device by itself.
class Account {
 public:
  void add(void* memory, std::size_t bytes, int device) {
    const std::lock_guard lock(mutex_);
    pieces_[memory] = {bytes, device};
    Use& use = uses_[device];
    use.now += bytes;
    use.peak = std::max(use.peak, use.now);
  }
  void remove(void* memory) {
    const std::lock_guard lock(mutex_);
    const auto found = pieces_.find(memory);
    if (found == pieces_.end()) return;
    uses_[found->second.device].now -= found->second.bytes;
    pieces_.erase(found);
  }
  void forget_peak(int device) {
    const std::lock_guard lock(mutex_);
    uses_[device].peak = uses_[device].now;
  }
  [[nodiscard]] std::size_t peak(int device) {
    const std::lock_guard lock(mutex_);
    return uses_[device].peak;
  }

 private:
  struct Piece {
    std::size_t bytes = 0;
    int device = 0;
  };
  struct Use {
    std::size_t now = 0, peak = 0;
  };
  std::mutex mutex_;
  std::unordered_map<void*, Piece> pieces_;
  std::map<int, Use> uses_;
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
  if (counted) account().add(memory, bytes, current_device());
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

void forget_peak_memory() { account().forget_peak(current_device()); }

std::int64_t peak_memory() { return static_cast<std::int64_t>(account().peak(current_device())); }

}  // namespace hikaku::cuda
