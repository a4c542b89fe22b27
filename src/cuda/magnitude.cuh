// The largest magnitude of a tensor and the scale that f16 takes from it: for the scan of
// magnitude.h, and for kernels that write such a tensor anyway.
#pragma once

#include <cstdint>
#include <cstring>

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

/// What no magnitude of a batch norm's output exceeds: none of `count` values is further from their
/// mean than the root of `count` deviations. It is far above the largest, but costs no pass.
/// `largest` may be null.
__device__ inline void publish_norm_bound(float gamma, float beta, double count,
                                          std::uint32_t* largest) {
  if (largest == nullptr) return;
  atomicMax(largest,
            magnitude_bits(fmaf(fabsf(gamma), sqrtf(static_cast<float>(count)), fabsf(beta))));
}

/// The exponent of the power of two that brings the largest magnitude to [2^14, 2^15), where f16
/// has 38 binary orders below it. 0 if all is zero, or something is not finite: that stays so.
__host__ __device__ inline int scale_exponent(std::uint32_t largest) {
  const int biased = static_cast<int>(largest >> 23);
  if (largest == 0 || biased == 255) return 0;
  const int exponent = 14 - (biased - 127);
  return exponent < 126 ? exponent : 126;
}

/// 2^exponent, for -126 to 127.
__host__ __device__ inline float power_of_two(int exponent) {
  const auto bits = static_cast<std::uint32_t>(exponent + 127) << 23;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace hikaku::cuda
