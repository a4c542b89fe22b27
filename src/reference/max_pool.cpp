#include "reference/max_pool.h"

#include <algorithm>

namespace hikaku::reference {
namespace {

/// body(y's index, index of the maximum in x) for each output.
template <class Body>
void for_each_maximum(const MaxPoolParams& params, In x, const Body& body) {
  const Shape& in = params.input;
  const Shape out = params.output();
  for (std::int64_t n = 0; n < out.n; ++n) {
    for (std::int64_t c = 0; c < out.c; ++c) {
      for (std::int64_t i = 0; i < out.h; ++i) {
        for (std::int64_t j = 0; j < out.w; ++j) {
          std::size_t best = at(in, n, c, 2 * i, 2 * j);
          for (const int place : {1, 2, 3}) {
            const std::size_t next = at(in, n, c, 2 * i + place / 2, 2 * j + place % 2);
            if (x[next] > x[best]) best = next;
          }
          body(at(out, n, c, i, j), best);
        }
      }
    }
  }
}

}  // namespace

void max_pool_forward(const MaxPoolParams& params, In x, Out y) {
  for_each_maximum(params, x, [&](std::size_t to, std::size_t best) { y[to] = x[best]; });
}

void max_pool_backward(const MaxPoolParams& params, In x, In dy, Out dx) {
  std::fill(dx.begin(), dx.end(), 0.0);
  for_each_maximum(params, x, [&](std::size_t to, std::size_t best) { dx[best] += dy[to]; });
}

}  // namespace hikaku::reference
