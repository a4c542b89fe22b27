#include "cuda/magnitude.h"

#include <algorithm>

#include "cuda/check.h"
#include "cuda/magnitude.cuh"

namespace hikaku::cuda {
namespace {

constexpr int threads = 256;

__global__ void __launch_bounds__(threads)
    scan(const float* from, unsigned quads_of_pixel, std::int64_t stride, unsigned count,
         std::uint32_t* largest) {
  const unsigned step = gridDim.x * threads;
  std::uint32_t most = 0;
#pragma unroll 4
  for (unsigned i = blockIdx.x * threads + threadIdx.x; i < count; i += step) {
    const unsigned pixel = i / quads_of_pixel, quad = i - pixel * quads_of_pixel;
    const float4 v = *reinterpret_cast<const float4*>(from + pixel * stride + quad * 4);
    most = max(most, max(max(magnitude_bits(v.x), magnitude_bits(v.y)),
                         max(magnitude_bits(v.z), magnitude_bits(v.w))));
  }
  publish_largest(most, largest);
}

__global__ void __launch_bounds__(threads)
    scan_dense(const float* from, std::int64_t count, std::uint32_t* largest) {
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * threads;
  std::uint32_t most = 0;
#pragma unroll 4
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * threads + threadIdx.x; i < count;
       i += step) {
    most = max(most, magnitude_bits(from[i]));
  }
  publish_largest(most, largest);
}

}  // namespace

void scan_magnitude(const Tensor& tensor, std::uint32_t* largest, cudaStream_t stream) {
  const Shape& s = tensor.shape;
  const auto quads_of_pixel = static_cast<unsigned>(s.c / 4);
  const auto count = static_cast<unsigned>(s.n * s.pixels() * quads_of_pixel);
  HIKAKU_CUDA(cudaMemsetAsync(largest, 0, sizeof *largest, stream));
  const unsigned blocks = std::min((count + threads - 1) / threads, 2048u);
  scan<<<blocks, threads, 0, stream>>>(tensor.as<const float>(), quads_of_pixel,
                                       tensor.layout.stride_w, count, largest);
  HIKAKU_CUDA(cudaGetLastError());
}

void scan_magnitude(const float* from, std::int64_t count, std::uint32_t* largest,
                    cudaStream_t stream) {
  HIKAKU_CUDA(cudaMemsetAsync(largest, 0, sizeof *largest, stream));
  const auto blocks =
      static_cast<unsigned>(std::min<std::int64_t>((count + threads - 1) / threads, 1024));
  scan_dense<<<blocks, threads, 0, stream>>>(from, count, largest);
  HIKAKU_CUDA(cudaGetLastError());
}

}  // namespace hikaku::cuda
