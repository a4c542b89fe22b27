// matmul: C = A * B for square matrices, row-major [n, n].
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

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
  /// The elements of A and B; u8 holds e4m3.
  [[nodiscard]] DType operand() const { return math == MatmulMath::fp8 ? DType::u8 : dtype; }
  /// Of one matrix with such elements.
  [[nodiscard]] std::size_t matrix_bytes(DType type) const {
    return size_of(type) * static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
  }
  /// Of A, B and C together.
  [[nodiscard]] std::size_t bytes() const {
    return 2 * matrix_bytes(operand()) + matrix_bytes(dtype);
  }
};

/// The kinds of products by the names that users give them, from the most to the least accurate.
inline constexpr std::array product_names{"f64", "f32", "f32x", "tf32", "f16", "bf16", "fp8"};
/// One of these.
[[nodiscard]] const char* name_of(const MatmulParams& params);
/// The product of that name; fp8 gives f16.
[[nodiscard]] MatmulParams product_named(std::string_view name, std::int64_t n);

/// A product planned for one size on one device; a, b and c lie there.
class Matmul {
 public:
  virtual ~Matmul() = default;
  /// Returns when c is complete: the seconds that it took by the clock of the device, which is a
  /// GPU's own (the events around its kernels), and for a CPU that of the host.
  virtual double run(const void* a, const void* b, void* c) = 0;
  /// Starts it without waiting, as a GPU does; Backend::synchronize() waits for c. A device that
  /// computes within the call, a CPU, has completed c.
  virtual void launch(const void* a, const void* b, void* c) { run(a, b, c); }
  /// What does the work, for the result's machine facts: "OpenBLAS 0.3.21, SkylakeX, 2 threads". A
  /// GPU knows its algorithm after the first run.
  [[nodiscard]] virtual std::string implementation() const = 0;
};

}  // namespace hikaku
