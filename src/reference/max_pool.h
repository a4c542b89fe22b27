// max_pool in double: y[n,c,i,j] = max over p,q in {0, 1} of x[n,c,2i+p,2j+q]. The gradient goes to
// the first maximum in scan order; a last odd row or column is dropped.
#pragma once

#include "ops/max_pool.h"
#include "reference/arrays.h"

namespace hikaku::reference {

void max_pool_forward(const MaxPoolParams& params, In x, Out y);
void max_pool_backward(const MaxPoolParams& params, In x, In dy, Out dx);

}  // namespace hikaku::reference
