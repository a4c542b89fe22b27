// Arrays of any element type on the host, as numbers.
#pragma once

#include <cstdint>

#include "base/half.h"
#include "tensor/tensor.h"

namespace hikaku {

/// The nearest number of `type` (f32, bf16 or f16).
[[nodiscard]] float round_to(DType type, float value);

/// Arrays on their way to and from a device: f32, bf16, f16, or u8, which holds e4m3; decode knows
/// f64, too.
void encode(const float* from, std::int64_t count, DType type, void* to);
void decode(const void* from, std::int64_t count, DType type, double* to);

}  // namespace hikaku
