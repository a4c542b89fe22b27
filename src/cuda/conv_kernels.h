// What stands around cuDNN's convolutions: other forms of weights and activations.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "tensor/tensor.h"

namespace hikaku::cuda {

struct LossScale;

/// Of a weight, [c_out, c_in, kernel, kernel]. The engine's own has padded channels, which are
/// zero.
struct WeightShape {
  std::int64_t c_out = 1, c_in = 1, taps = 9;  ///< taps: kernel * kernel
  std::int64_t padded_out = 1, padded_in = 1;
};

/// Dense OIHW f32 to KRSC of `type`, [padded_out, taps, padded_in].
void weight_to_krsc(const float* from, void* to, DType type, const WeightShape& shape,
                    cudaStream_t stream);
/// KRSC of `type` to dense OIHW f32, times scale->inverse (on the device).
void weight_from_krsc(const void* from, DType type, float* to, const WeightShape& shape,
                      const LossScale* scale, cudaStream_t stream);

/// Between NHWC or NCHW tensors of the same pixels and any types; missing channels become zero,
/// surplus ones are dropped. `to` may be `from`. Then adds `bias` [to.c], unless null, and clamps
/// at zero with `relu`.
void copy_channels(const Tensor& from, const Tensor& to, const float* bias, bool relu,
                   cudaStream_t stream);

/// Numbers in [-1, 1), the same each time.
void fill_noise(void* data, DType type, std::int64_t count, cudaStream_t stream);

/// Throws ExitCode::missing if this module was not compiled for the current device.
void require_kernels();

}  // namespace hikaku::cuda
