// What this CPU can do at most, measured: multiply-adds on registers, and bytes from memory.
#pragma once

#include <string>

#include "tensor/tensor.h"

namespace hikaku {

/// Keeps all OpenMP threads busy: an idle core needs up to a second to reach its clock.
void warm_up_cpu(double seconds = 1.0);

/// The best rate of fused multiply-adds (each two operations) of all OpenMP threads over windows of
/// a few milliseconds within `seconds`, in FLOP/s, for f32 or f64. Call warm_up_cpu() before.
[[nodiscard]] double measure_peak_flops(DType dtype, double seconds = 0.2);

/// The instruction set that measure_peak_flops uses: "AVX-512", "AVX2", "portable".
[[nodiscard]] std::string peak_instruction_set();

/// The best rate of a[i] = b[i] + s * c[i] on arrays far larger than the caches, in bytes/s,
/// counted as STREAM counts: two reads and one write (McCalpin, 1995).
[[nodiscard]] double measure_memory_bandwidth(double seconds = 0.5);

}  // namespace hikaku
