// Memory whose last bytes are a guard zone: what writes behind the part that it may use is found
// out.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <array>

#include "cuda/check.h"
#include "cuda/memory.h"

namespace hikaku::cuda {

/// More than a block's tile misses its array by, in one row.
constexpr std::size_t guard_bytes = 4096;
/// Bytes that make no number in any type: what reads the zone is found out, too.
constexpr int poison = 0xff;

/// Poisons the zone behind the first `used` bytes; `memory` has at least guard_bytes more.
inline void set_guard(const Memory& memory, std::size_t used, cudaStream_t stream) {
  HIKAKU_CUDA(cudaMemsetAsync(memory.data() + used, poison, guard_bytes, stream));
}

/// Waits for the stream.
[[nodiscard]] inline bool guard_is_intact(const Memory& memory, std::size_t used,
                                          cudaStream_t stream) {
  std::array<unsigned char, guard_bytes> zone{};
  HIKAKU_CUDA(cudaMemcpyAsync(zone.data(), memory.data() + used, guard_bytes,
                              cudaMemcpyDeviceToHost, stream));
  HIKAKU_CUDA(cudaStreamSynchronize(stream));
  return std::all_of(zone.begin(), zone.end(), [](unsigned char byte) { return byte == poison; });
}

}  // namespace hikaku::cuda
