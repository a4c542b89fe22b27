// matmul in double: c[i,j] = sum over k of a[i,k] * b[k,j]; all [n, n], row-major.
#pragma once

#include "reference/arrays.h"

namespace hikaku::reference {

void matmul(std::int64_t n, In a, In b, Out c);

}  // namespace hikaku::reference
