#include "reference/conv2d.h"

#include <algorithm>

namespace hikaku::reference {
namespace {

/// The i in [first, last) for which i and i + offset both lie in [0, size): outside are the zeros.
struct Inside {
  std::int64_t first, last;
  Inside(std::int64_t size, std::int64_t offset)
      : first(std::max<std::int64_t>(0, -offset)), last(std::min(size, size - offset)) {}
};

std::size_t weight_at(const Conv2dParams& params, std::int64_t o, std::int64_t c, std::int64_t p,
                      std::int64_t q) {
  return at({params.out_channels, params.input.c, params.kernel, params.kernel}, o, c, p, q);
}

/// Starting threads costs more than a small convolution.
bool worth_threads(const Conv2dParams& params) { return params.flops() > 1e6; }

/// For one image and one pair of channels: body(weight's index, y's index, x's index) for each
/// product in the sum. The three passes are these loops with three different bodies.
template <class Body>
void for_each_product(const Conv2dParams& params, std::int64_t n, std::int64_t o, std::int64_t c,
                      const Body& body) {
  const Shape& in = params.input;
  const Shape out = params.output();
  for (std::int64_t p = 0; p < params.kernel; ++p) {
    for (std::int64_t q = 0; q < params.kernel; ++q) {
      const std::int64_t down = p - params.pad_before(), right = q - params.pad_before();
      const Inside rows(in.h, down), columns(in.w, right);
      for (std::int64_t i = rows.first; i < rows.last; ++i) {
        for (std::int64_t j = columns.first; j < columns.last; ++j) {
          body(weight_at(params, o, c, p, q), at(out, n, o, i, j),
               at(in, n, c, i + down, j + right));
        }
      }
    }
  }
}

}  // namespace

void conv2d_forward(const Conv2dParams& params, In x, In weight, In bias, Out y) {
  const Shape out = params.output();
#pragma omp parallel for collapse(2) if (worth_threads(params))
  for (std::int64_t n = 0; n < out.n; ++n) {
    for (std::int64_t o = 0; o < out.c; ++o) {
      const double start = bias.empty() ? 0.0 : bias[static_cast<std::size_t>(o)];
      std::fill_n(&y[at(out, n, o, 0, 0)], out.pixels(), start);
      for (std::int64_t c = 0; c < params.input.c; ++c) {
        for_each_product(params, n, o, c, [&](std::size_t w, std::size_t to, std::size_t from) {
          y[to] += weight[w] * x[from];
        });
      }
    }
  }
}

void conv2d_backward_data(const Conv2dParams& params, In dy, In weight, Out dx) {
  const Shape& in = params.input;
#pragma omp parallel for collapse(2) if (worth_threads(params))
  for (std::int64_t n = 0; n < in.n; ++n) {
    for (std::int64_t c = 0; c < in.c; ++c) {
      std::fill_n(&dx[at(in, n, c, 0, 0)], in.pixels(), 0.0);
      for (std::int64_t o = 0; o < params.out_channels; ++o) {
        for_each_product(params, n, o, c, [&](std::size_t w, std::size_t to, std::size_t from) {
          dx[from] += weight[w] * dy[to];
        });
      }
    }
  }
}

void conv2d_backward_weight(const Conv2dParams& params, In x, In dy, Out dweight) {
#pragma omp parallel for collapse(2) if (worth_threads(params))
  for (std::int64_t o = 0; o < params.out_channels; ++o) {
    for (std::int64_t c = 0; c < params.input.c; ++c) {
      std::fill_n(&dweight[weight_at(params, o, c, 0, 0)], params.kernel * params.kernel, 0.0);
      for (std::int64_t n = 0; n < params.input.n; ++n) {
        for_each_product(params, n, o, c, [&](std::size_t w, std::size_t to, std::size_t from) {
          dweight[w] += dy[to] * x[from];
        });
      }
    }
  }
}

void conv2d_backward_bias(const Conv2dParams& params, In dy, Out dbias) {
  const Shape out = params.output();
  std::fill(dbias.begin(), dbias.end(), 0.0);
  for (std::int64_t n = 0; n < out.n; ++n) {
    for (std::int64_t o = 0; o < out.c; ++o) {
      for (std::int64_t pixel = 0; pixel < out.pixels(); ++pixel) {
        dbias[static_cast<std::size_t>(o)] += dy[at(out, n, o, 0, pixel)];
      }
    }
  }
}

}  // namespace hikaku::reference
