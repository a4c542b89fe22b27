// up_block on the GPU, at the low resolution (docs/up-block.md): a matrix product forward, two
// backward (up_products.h), and passes that walk down the columns of the maps with what they need
// in registers.
#pragma once

#include <memory>

#include "cuda/context.h"
#include "ops/conv2d.h"
#include "ops/up_block.h"

namespace hikaku::cuda {

[[nodiscard]] std::unique_ptr<UpBlock> make_up_block(const UpBlockParams& params, ConvUse use,
                                                     Context& context);

}  // namespace hikaku::cuda
