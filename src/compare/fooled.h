// How to be fooled: the product timed by mistake, beside the right way.
#pragma once

#include <cstdint>
#include <optional>

#include "compare/product.h"
#include "nn/unet.h"
#include "report/result.h"

namespace hikaku {

/// As the lecture's notebook times the product on a GPU: by the clock of the host around a call
/// that does not wait ("no_sync"); beside it the same clock around the call and
/// Backend::synchronize(). Both in turns, after a warm-up. On a CPU, which computes within the
/// call, they are the same. Nothing where the product does not fit into the device's free memory.
[[nodiscard]] std::optional<FooledResult> time_without_waiting(Backend& device,
                                                               const MakeMatmul& make_matmul,
                                                               const MatmulParams& params,
                                                               std::uint64_t seed);

/// A training step of one picture at a time ("batch_1"), on random data: seconds of a picture,
/// beside those of a picture in the full batches of `unet`, by which the same device has trained
/// `network`. Nothing where batches of one cannot be trained, or were.
[[nodiscard]] std::optional<FooledResult> time_batch_of_one(Backend& device,
                                                            const UNetConfig& network,
                                                            const UnetResult& unet,
                                                            std::uint64_t seed);

}  // namespace hikaku
