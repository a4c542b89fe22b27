#include "ops/matmul.h"

#include "base/error.h"

namespace hikaku {

const char* name_of(const MatmulParams& params) {
  switch (params.math) {
    case MatmulMath::f32x:
      return "f32x";
    case MatmulMath::tf32:
      return "tf32";
    case MatmulMath::fp8:
      return "fp8";
    default:
      return name_of(params.dtype);
  }
}

MatmulParams product_named(std::string_view name, std::int64_t n) {
  for (const DType dtype : {DType::f64, DType::f32, DType::bf16, DType::f16}) {
    if (name == name_of(dtype)) return {n, dtype};
  }
  if (name == "f32x") return {n, DType::f32, MatmulMath::f32x};
  if (name == "tf32") return {n, DType::f32, MatmulMath::tf32};
  require(name == "fp8", "[matmul] no product is named {}", name);
  return {n, DType::f16, MatmulMath::fp8};
}

}  // namespace hikaku
