// What the page shows beside the two experiments: the sweep of sizes, and ways to fool oneself.
#pragma once

#include <cstdint>

#include "app/command.h"
#include "app/devices.h"
#include "nn/unet.h"
#include "report/result.h"

namespace hikaku {

/// The product in f32 at sizes up to `largest` on the CPU and on each GPU of `devices`, added to
/// `result`.
void run_sweep_of_sizes(const Context& context, const Devices& devices, std::int64_t largest,
                        Result& result);

/// The product as it would have been timed by mistake, beside the right way. On the CPU, each in a
/// process of its own: on one thread; with the kernels that OpenBLAS has for a CPU of 2004; what a
/// process could not measure is left out. On a GPU, with n x n in f32 if that fits: without waiting
/// for it. On both, the U-Net, which `network` describes, with one picture at a time.
void run_fooled(const Context& context, const Devices& devices, std::int64_t n,
                const UNetConfig& network, Result& result);

}  // namespace hikaku
