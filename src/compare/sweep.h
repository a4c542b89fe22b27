// The product at many sizes: where a GPU begins to pay.
#pragma once

#include <vector>

#include "compare/product.h"

namespace hikaku {

/// 16, 32, 64, ... up to `largest`, and `largest` itself.
[[nodiscard]] std::vector<std::int64_t> sweep_sizes(std::int64_t largest);

/// The product of uniform matrices at each size, warm; on a device that is not the host also with
/// the copies of A and B there and of C back (with_copies.h). Ends before the first size that does
/// not fit into the device's free memory. `progress` hears the size and how far it is, 0..1.
[[nodiscard]] std::vector<SweepResult> run_sweep(Backend& backend, const MakeMatmul& make_matmul,
                                                 DType dtype,
                                                 const std::vector<std::int64_t>& sizes,
                                                 std::uint64_t seed,
                                                 const ProductProgress& progress = {});

}  // namespace hikaku
