// One step of Adam in double, by the formula in ops/adam.h.
#pragma once

#include "ops/adam.h"
#include "reference/arrays.h"

namespace hikaku::reference {

/// `step` counts from 1. All arrays have the same size.
void adam(const AdamParams& params, std::int64_t step, Out parameter, In gradient, Out first_moment,
          Out second_moment);

}  // namespace hikaku::reference
