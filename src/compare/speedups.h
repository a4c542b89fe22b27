// How much faster a GPU was than the CPU, from the samples of one result.
#pragma once

#include <vector>

#include "report/result.h"

namespace hikaku {

/// Like with like first, the headline f32 with f32 before the rest; then each device at its best;
/// then the product as the lecture's notebook pairs it, f64 on the CPU with f32 on the GPU. None
/// unless both a CPU and a GPU were measured.
[[nodiscard]] std::vector<Speedup> speedups(const Result& result);

}  // namespace hikaku
