// What a GPU can do at most, reckoned: multiprocessors x highest clock x operations a clock.
#pragma once

#include <optional>
#include <string_view>

#include "measure/machine.h"

namespace hikaku {

/// FLOP/s of a dense product (a name of ops/matmul.h) on this GPU; nothing where the operations a
/// clock of such a GPU, or its clock, are not known.
///
/// The clock is the highest that the driver allows, and not that of a data sheet, which may be
/// below (H100 SXM: 1.98 GHz, its tensor cores counted at 1.83 GHz, so that 989 TFLOP/s of f16 are
/// 1070 here) or which a GPU leaves when it is cool (GeForce): a product cannot be faster.
/// f32x executes three products of f16, and its peak is a third of theirs.
[[nodiscard]] std::optional<double> theoretical_peak_flops(const GpuFacts& gpu,
                                                           std::string_view product);

}  // namespace hikaku
