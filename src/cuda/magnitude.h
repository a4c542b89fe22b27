// The largest magnitude of an f32 tensor, by which f16 copies of it are scaled.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "tensor/tensor.h"

namespace hikaku::cuda {

/// *largest = the bits of the largest magnitude of an NHWC f32 tensor; those of infinity and of
/// what is not a number are larger than all others.
void scan_magnitude(const Tensor& tensor, std::uint32_t* largest, cudaStream_t stream);

/// tensor.largest, or, where nobody keeps it, `place` after a scan.
[[nodiscard]] inline const std::uint32_t* magnitude_of(const Tensor& tensor, std::uint32_t* place,
                                                       cudaStream_t stream) {
  if (tensor.largest != nullptr) return tensor.largest;
  scan_magnitude(tensor, place, stream);
  return place;
}
/// Of a dense array.
void scan_magnitude(const float* from, std::int64_t count, std::uint32_t* largest,
                    cudaStream_t stream);

}  // namespace hikaku::cuda
