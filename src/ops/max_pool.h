// max_pool: 2x2 maximum, stride 2; a last odd row or column is dropped, as torch's max_pool2d(2).
#pragma once

#include "tensor/tensor.h"

namespace hikaku {

struct MaxPoolParams {
  Shape input;
  [[nodiscard]] Shape output() const { return {input.n, input.c, input.h / 2, input.w / 2}; }
};

class MaxPool {
 public:
  virtual ~MaxPool() = default;
  /// y = pooled x. `copy` gets x itself in the same pass: a slice of a concatenation, for example.
  virtual void forward(const Tensor& x, const Tensor& copy, const Tensor& y) = 0;
};

}  // namespace hikaku
