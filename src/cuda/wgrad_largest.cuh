// The largest magnitude of a tensor, as the weight gradient wants it: for its own scan and for
// kernels that write such a tensor anyway.
#pragma once

#include <cstdint>

namespace hikaku::cuda {

/// Ordered like the magnitudes; infinity and what is not a number are the largest.
__device__ inline std::uint32_t magnitude_bits(float value) {
  return __float_as_uint(value) & 0x7fffffffu;
}

/// *largest = max(*largest, most of all threads); *largest begins as 0. All threads of whole warps
/// call it. A maximum does not depend on the order of the atomics.
__device__ inline void publish_largest(std::uint32_t most, std::uint32_t* largest) {
  for (int lanes = 16; lanes > 0; lanes /= 2) {
    most = max(most, __shfl_xor_sync(0xffffffffu, most, lanes));
  }
  // Most warps find that another one's is larger, and spare the atomic.
  const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  if (thread % 32 == 0 && most > *static_cast<volatile std::uint32_t*>(largest)) {
    atomicMax(largest, most);
  }
}

}  // namespace hikaku::cuda
