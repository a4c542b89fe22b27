// Product and training step below the two roofs of their device: arithmetic and memory.
#pragma once

#include "report/markup.h"
#include "report/page/sources.h"

namespace hikaku {

/// The rate that neither the peak nor the memory allows to exceed, at so many operations a byte.
[[nodiscard]] double roof(double peak_flops, double bytes_per_second, double flops_per_byte);

/// Nothing where no bandwidth was measured.
[[nodiscard]] Markup roofline_chart(const Sources& sources);

}  // namespace hikaku
