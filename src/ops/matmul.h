// matmul: C = A * B for square matrices, row-major [n, n].
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tensor/tensor.h"

namespace hikaku {

/// How elements are multiplied; sums are f32, or f64 for f64.
enum class MatmulMath : std::uint8_t {
  of_type,  ///< as they are
  f32x,     ///< f32: each split in two f16, three products on tensor cores, f32's accuracy
  tf32,     ///< f32: rounded to 11 bits of mantissa
  fp8,      ///< A and B hold e4m3, one byte an element; C, f16 or bf16, has the dtype
};

struct MatmulParams {
  std::int64_t n = 8000;
  DType dtype = DType::f32;
  MatmulMath math = MatmulMath::of_type;

  [[nodiscard]] double flops() const {
    const auto side = static_cast<double>(n);
    return 2.0 * side * side * side;
  }
  /// Of A, B and C together.
  [[nodiscard]] std::size_t bytes() const {
    const std::size_t operand = math == MatmulMath::fp8 ? 1 : size_of(dtype);
    return (2 * operand + size_of(dtype)) * static_cast<std::size_t>(n) *
           static_cast<std::size_t>(n);
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
