// The weighted sum of gradients in double, by the formula in ops/accumulate.h.
#pragma once

#include "ops/accumulate.h"
#include "reference/arrays.h"

namespace hikaku::reference {

/// Both arrays have the same size.
void accumulate(In gradient, double scale, bool first, Out sum);

}  // namespace hikaku::reference
