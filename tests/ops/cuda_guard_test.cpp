// The guard zones, with the host's memory in place of a GPU's.
#include "cuda/guard.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

extern "C" {
cudaError_t cudaMemsetAsync(void* memory, int byte, std::size_t bytes, cudaStream_t) {
  std::memset(memory, byte, bytes);
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind,
                            cudaStream_t) {
  std::memcpy(to, from, bytes);
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaSuccess; }
}

namespace hikaku::cuda {

void* allocate_memory(std::size_t bytes, bool) { return std::calloc(bytes, 1); }
void release_memory(void* memory) noexcept { std::free(memory); }
void check(cudaError_t, const char*) {}

namespace {

TEST(Guard, FindsWhatWritesBehindTheUsedPart) {
  constexpr std::size_t used = 1000;
  const Memory memory(used + 3 * guard_bytes);
  set_guard(memory, used, nullptr);
  EXPECT_TRUE(guard_is_intact(memory, used, nullptr));
  memory.data()[used - 1] = std::byte{1};
  memory.data()[used + guard_bytes] = std::byte{1};
  EXPECT_TRUE(guard_is_intact(memory, used, nullptr));
  for (const std::size_t at : {used, used + guard_bytes / 2, used + guard_bytes - 1}) {
    memory.data()[at] = std::byte{0};
    EXPECT_FALSE(guard_is_intact(memory, used, nullptr)) << at;
    set_guard(memory, used, nullptr);
    EXPECT_TRUE(guard_is_intact(memory, used, nullptr));
  }
}

}  // namespace
}  // namespace hikaku::cuda
