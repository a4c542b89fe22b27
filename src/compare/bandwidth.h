// How fast a device's memory is, measured: the slope of its roofline.
#pragma once

#include "ops/backend.h"
#include "report/result.h"

namespace hikaku {

/// Of the CPU: a[i] = b[i] + s * c[i] (measure/peak.h). Of a GPU: a copy within its memory of an
/// array far larger than its caches; a byte read and a byte written count as two. The best of some
/// samples. Nothing where the arrays do not fit.
[[nodiscard]] std::optional<BandwidthResult> measure_bandwidth(Backend& device);

}  // namespace hikaku
