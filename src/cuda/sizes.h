// Sizes that are rounded up, and what a device says of itself.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "cuda/check.h"

namespace hikaku::cuda {

template <class T>
constexpr T round_up(T value, std::type_identity_t<T> unit) {
  return (value + unit - 1) / unit * unit;
}

/// What lies behind another array begins on such a multiple.
constexpr std::size_t array_alignment = 256;
constexpr std::size_t aligned(std::size_t bytes) { return round_up(bytes, array_alignment); }

/// Of the current device.
inline int device_attribute(cudaDeviceAttr which) {
  int device = 0, value = 0;
  HIKAKU_CUDA(cudaGetDevice(&device));
  HIKAKU_CUDA(cudaDeviceGetAttribute(&value, which, device));
  return value;
}

}  // namespace hikaku::cuda
