// accumulate: gradients of several batches, weighted, so that a step sees them as one large batch:
//   sum = scale * gradient             of the first batch
//   sum = sum + scale * gradient       of the others
#pragma once

#include <cstdint>

namespace hikaku {

/// Arrays of `count` f32 on the device.
struct AccumulateArgs {
  const float* gradient = nullptr;
  float* sum = nullptr;
  std::int64_t count = 0;
  float scale = 1;
  bool first = true;  ///< what `sum` held is forgotten
};

}  // namespace hikaku
