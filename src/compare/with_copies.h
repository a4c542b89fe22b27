// The product as a program has to do it whose matrices lie on the host.
#pragma once

#include <functional>

#include "ops/backend.h"
#include "ops/matmul.h"
#include "report/result.h"

namespace hikaku {

/// The three matrices of a product on the device.
struct ProductMemory {
  void *a, *b, *c;
};

/// Times of A and B to the device, in pieces through pinned memory (Backend::upload), `multiply`,
/// and C back. The values of A and B stay as they are. None where the host has no memory for them.
[[nodiscard]] Samples samples_with_copies(Backend& backend, const MatmulParams& params,
                                          const ProductMemory& memory, const StoppingRule& rule,
                                          const std::function<void()>& multiply);

}  // namespace hikaku
