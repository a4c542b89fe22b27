#include "reference/upsample.h"

#include <algorithm>

namespace hikaku::reference {
namespace {

/// The two input rows (or columns) that output `i` lies between, with their shares.
struct Neighbours {
  std::int64_t index[2];
  double share[2];

  Neighbours(std::int64_t size, std::int64_t i) {
    const double position =
        static_cast<double>(i) * static_cast<double>(size - 1) / static_cast<double>(2 * size - 1);
    index[0] = static_cast<std::int64_t>(position);
    index[1] = std::min(index[0] + 1, size - 1);
    share[1] = position - static_cast<double>(index[0]);
    share[0] = 1.0 - share[1];
  }
};

/// body(y's index, x's index, share) for each of the four inputs of each output.
template <class Body>
void for_each_share(const Shape& in, const Body& body) {
  const Shape out{in.n, in.c, 2 * in.h, 2 * in.w};
  for (std::int64_t n = 0; n < out.n; ++n) {
    for (std::int64_t c = 0; c < out.c; ++c) {
      for (std::int64_t i = 0; i < out.h; ++i) {
        const Neighbours rows(in.h, i);
        for (std::int64_t j = 0; j < out.w; ++j) {
          const Neighbours columns(in.w, j);
          for (const int p : {0, 1}) {
            for (const int q : {0, 1}) {
              body(at(out, n, c, i, j), at(in, n, c, rows.index[p], columns.index[q]),
                   rows.share[p] * columns.share[q]);
            }
          }
        }
      }
    }
  }
}

}  // namespace

void upsample_forward(const Shape& input, In x, Out y) {
  std::fill(y.begin(), y.end(), 0.0);
  for_each_share(input,
                 [&](std::size_t to, std::size_t from, double share) { y[to] += share * x[from]; });
}

void upsample_backward(const Shape& input, In dy, Out dx) {
  std::fill(dx.begin(), dx.end(), 0.0);
  for_each_share(
      input, [&](std::size_t to, std::size_t from, double share) { dx[from] += share * dy[to]; });
}

}  // namespace hikaku::reference
