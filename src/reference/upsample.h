// upsample in double: bilinear, to twice the rows and columns, align_corners = true. Output row i
// lies at input row i * (h - 1) / (2h - 1), between rows a = floor of it and a + 1, with the share
// f:
//   y = (1 - f) * x[a] + f * x[a + 1]      and likewise for the columns.
#pragma once

#include "reference/arrays.h"

namespace hikaku::reference {

void upsample_forward(const Shape& input, In x, Out y);
void upsample_backward(const Shape& input, In dy, Out dx);

}  // namespace hikaku::reference
