// How much a training step has to do: for the roofline.
#pragma once

#include "nn/plan_builder.h"

namespace hikaku {

struct StepWork {
  double flops = 0;  ///< by the definition of the convolutions; multiply and add count as two
  double bytes = 0;  ///< each op reads and writes each of its tensors once, none stays in a cache
};

/// Forward, loss, backward and Adam of the network in this precision. A convolution's backward
/// counts as two of its forward, but the first's as one, for nobody asks for the gradient of the
/// pictures.
[[nodiscard]] StepWork step_work(const UNet& net, const BatchShape& batch, Precision precision);

}  // namespace hikaku
