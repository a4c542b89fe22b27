// matmul: C = A * B for square matrices, row-major [n, n].
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tensor/tensor.h"

namespace hikaku {

struct MatmulParams {
  std::int64_t n = 8000;
  DType dtype = DType::f32;

  [[nodiscard]] double flops() const {
    const auto side = static_cast<double>(n);
    return 2.0 * side * side * side;
  }
  /// Of A, B and C together.
  [[nodiscard]] std::size_t bytes() const {
    return 3 * static_cast<std::size_t>(n) * static_cast<std::size_t>(n) * size_of(dtype);
  }
};

/// A product planned for one size on one device; a, b and c lie there.
class Matmul {
 public:
  virtual ~Matmul() = default;
  /// Returns when c is complete.
  virtual void run(const void* a, const void* b, void* c) = 0;
  /// What does the work, for the result's machine facts: "OpenBLAS 0.3.21, SkylakeX, 2 threads".
  [[nodiscard]] virtual std::string implementation() const = 0;
};

}  // namespace hikaku
