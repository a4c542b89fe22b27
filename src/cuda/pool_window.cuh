// The 2x2 windows of a batch of images, in scan order, those cut by an odd last row or column
// included.
#pragma once

#include "tensor/tensor.h"

namespace hikaku::cuda {

struct Windows {
  unsigned h = 1, w = 1;  ///< of the image, in pixels
  unsigned rows = 1, columns = 1;
  unsigned count = 1;

  explicit Windows(const Shape& s)
      : h(static_cast<unsigned>(s.h)),
        w(static_cast<unsigned>(s.w)),
        rows((h + 1) / 2),
        columns((w + 1) / 2),
        count(static_cast<unsigned>(s.n) * rows * columns) {}

  /// Whether no window is cut.
  [[nodiscard]] bool whole() const { return h % 2 == 0 && w % 2 == 0; }
};

/// Pixels are numbered over the whole batch; k is 0..3 in scan order. `whole`: no window is cut, so
/// nothing is asked.
template <bool whole = false>
struct Window {
  unsigned first, width, pooled;
  bool right, below;

  __device__ Window(const Windows& all, unsigned index) : width(all.w) {
    const unsigned line = index / all.columns, x = index - line * all.columns;
    const unsigned n = line / all.rows, y = line - n * all.rows;
    first = (n * all.h + 2 * y) * all.w + 2 * x;
    pooled = (n * (all.h / 2) + y) * (all.w / 2) + x;
    right = 2 * x + 1 < all.w;
    below = 2 * y + 1 < all.h;
  }
  __device__ unsigned pixel(int k) const { return first + (k / 2) * width + (k % 2); }
  __device__ bool has(int k) const {
    return whole || ((k % 2 == 0 || right) && (k / 2 == 0 || below));
  }
  __device__ bool full() const { return whole || (right && below); }
};

}  // namespace hikaku::cuda
