// How to be fooled: the product timed by mistake, beside the right way.
#pragma once

#include <cstdint>
#include <optional>

#include "compare/product.h"
#include "report/result.h"

namespace hikaku {

/// As the lecture's notebook times the product on a GPU: by the clock of the host around a call
/// that does not wait ("no_sync"); beside it the same clock around the call and
/// Backend::synchronize(). Both in turns, after a warm-up. On a CPU, which computes within the
/// call, they are the same. Throws OutOfMemory (base/memory.h).
[[nodiscard]] FooledResult time_without_waiting(Backend& device, const MakeMatmul& make_matmul,
                                                const MatmulParams& params, std::uint64_t seed);

/// A training step of one picture at a time ("batch_1"), on random data: seconds of a picture,
/// beside those of a picture in the full batches of `unet`, which the same device has trained.
/// Nothing where batches of one cannot be trained, or were.
[[nodiscard]] std::optional<FooledResult> time_batch_of_one(Backend& device, const UnetResult& unet,
                                                            std::uint64_t seed);

}  // namespace hikaku
