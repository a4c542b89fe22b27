// The reference's arrays: dense NCHW in double, owned by the caller. Every function overwrites its
// outputs; none may share memory with an input.
#pragma once

#include <cstdint>
#include <span>

#include "tensor/tensor.h"

namespace hikaku::reference {

using In = std::span<const double>;
using Out = std::span<double>;

/// Where element (n, c, y, x) of a dense NCHW array lies.
[[nodiscard]] inline std::size_t at(const Shape& shape, std::int64_t n, std::int64_t c,
                                    std::int64_t y, std::int64_t x) {
  return static_cast<std::size_t>(((n * shape.c + c) * shape.h + y) * shape.w + x);
}

}  // namespace hikaku::reference
