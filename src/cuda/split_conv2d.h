// conv2d on the GPU in f32x: f32's accuracy, all three passes on tensor cores by our own kernels.
#pragma once

#include <memory>

#include "cuda/context.h"
#include "ops/conv2d.h"

namespace hikaku::cuda {

/// Null for what the kernels cannot: few channels (pictures), other kernels than 1x1 and 3x3.
[[nodiscard]] std::unique_ptr<Conv2d> make_split_conv2d(const Conv2dParams& params, ConvUse use,
                                                        Context& context);

}  // namespace hikaku::cuda
