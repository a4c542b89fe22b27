// conv2d in double, by the definition in ops/conv2d.h:
//   y[n,o,i,j]     = bias[o] + sum over c,p,q of   w[o,c,p,q] * x[n,c,i+p-pad,j+q-pad]
//   dx[n,c,r,s]    = sum over o,p,q of             w[o,c,p,q] * dy[n,o,r-p+pad,s-q+pad]
//   dw[o,c,p,q]    = sum over n,i,j of       dy[n,o,i,j] * x[n,c,i+p-pad,j+q-pad]
//   dbias[o]       = sum over n,i,j of       dy[n,o,i,j]
#pragma once

#include "ops/conv2d.h"
#include "reference/arrays.h"

namespace hikaku::reference {

/// An empty `bias` counts as zero.
void conv2d_forward(const Conv2dParams& params, In x, In weight, In bias, Out y);
void conv2d_backward_data(const Conv2dParams& params, In dy, In weight, Out dx);
void conv2d_backward_weight(const Conv2dParams& params, In x, In dy, Out dweight);
void conv2d_backward_bias(const Conv2dParams& params, In dy, Out dbias);

}  // namespace hikaku::reference
