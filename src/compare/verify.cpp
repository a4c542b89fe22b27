#include "compare/verify.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/error.h"
#include "base/philox.h"

namespace hikaku {
namespace {

/// Rows of a matrix on their way to or from the device; 16 MiB whatever n is.
std::int64_t panel_rows(const MatmulParams& params) {
  const auto row_bytes = params.n * static_cast<std::int64_t>(size_of(params.dtype));
  return std::clamp<std::int64_t>((16 << 20) / row_bytes, 1, params.n);
}

std::size_t row_offset(const MatmulParams& params, std::int64_t row) {
  return static_cast<std::size_t>(row * params.n) * size_of(params.dtype);
}

/// Calls work(first row, rows) for each panel.
template <class Work>
void each_panel(const MatmulParams& params, const Work& work) {
  const std::int64_t step = panel_rows(params);
  for (std::int64_t first = 0; first < params.n; first += step) {
    work(first, std::min(step, params.n - first));
  }
}

/// Element `at` of a stream takes one number of a block of four, or two of them for f64.
void fill_panel(const Philox& random, Fill fill, std::int64_t first, std::int64_t count,
                float* out) {
#pragma omp parallel for
  for (std::int64_t block = first / 4; block <= (first + count - 1) / 4; ++block) {
    const auto bits = random.block(static_cast<std::uint64_t>(block));
    for (std::int64_t i = 0; i < 4; ++i) {
      const std::int64_t at = 4 * block + i - first;
      if (at < 0 || at >= count) continue;
      const std::uint32_t word = bits[static_cast<std::size_t>(i)];
      out[at] = fill == Fill::uniform ? static_cast<float>(word >> 8) * 0x1p-24f
                                      : static_cast<float>(static_cast<int>(word % 7) - 3);
    }
  }
}

void fill_panel(const Philox& random, Fill fill, std::int64_t first, std::int64_t count,
                double* out) {
#pragma omp parallel for
  for (std::int64_t block = first / 2; block <= (first + count - 1) / 2; ++block) {
    const auto bits = random.block(static_cast<std::uint64_t>(block));
    for (std::int64_t i = 0; i < 2; ++i) {
      const std::int64_t at = 2 * block + i - first;
      if (at < 0 || at >= count) continue;
      const std::uint64_t word = (std::uint64_t{bits[static_cast<std::size_t>(2 * i)]} << 32) |
                                 bits[static_cast<std::size_t>(2 * i + 1)];
      out[at] = fill == Fill::uniform ? static_cast<double>(word >> 11) * 0x1p-53
                                      : static_cast<double>(static_cast<int>(word % 7) - 3);
    }
  }
}

/// y = M x for all vectors at once, x and y [n, freivalds_vectors]; also the norms of M's rows.
template <class T>
void multiply_vectors(Backend& backend, const MatmulParams& params, const void* matrix,
                      const std::vector<double>& x, std::vector<double>& y,
                      std::vector<double>& norms) {
  constexpr int k = freivalds_vectors;
  const std::int64_t n = params.n;
  std::vector<T> panel(static_cast<std::size_t>(panel_rows(params) * n));
  each_panel(params, [&](std::int64_t first, std::int64_t rows) {
    backend.copy_to_host(static_cast<const std::byte*>(matrix) + row_offset(params, first),
                         panel.data(), row_offset(params, rows));
#pragma omp parallel for
    for (std::int64_t row = 0; row < rows; ++row) {
      const T* elements = panel.data() + row * n;
      double sums[k] = {}, squares = 0;
      for (std::int64_t j = 0; j < n; ++j) {
        const auto element = static_cast<double>(elements[j]);
        squares += element * element;
        const double* factors = x.data() + j * k;
#pragma omp simd
        for (int v = 0; v < k; ++v) sums[v] += element * factors[v];
      }
      std::copy(sums, sums + k, y.begin() + (first + row) * k);
      norms[static_cast<std::size_t>(first + row)] = std::sqrt(squares);
    }
  });
}

std::vector<double> random_signs(std::uint64_t seed, std::size_t count) {
  Philox random(seed, RandomUse::check);
  std::vector<double> signs(count);
  for (double& sign : signs) sign = (random() & 1u) != 0 ? 1.0 : -1.0;
  return signs;
}

template <class T>
double residual(Backend& backend, const MatmulParams& params, std::uint64_t seed, const void* a,
                const void* b, const void* c) {
  constexpr auto k = static_cast<std::size_t>(freivalds_vectors);
  const auto n = static_cast<std::size_t>(params.n);
  const std::vector<double> x = random_signs(seed, n * k);
  std::vector<double> bx(n * k), abx(n * k), cx(n * k), norms(n);
  multiply_vectors<T>(backend, params, b, x, bx, norms);
  multiply_vectors<T>(backend, params, a, bx, abx, norms);
  multiply_vectors<T>(backend, params, c, x, cx, norms);
  double worst = 0;
  for (std::size_t i = 0; i < n * k; ++i) {
    const double error = std::abs(cx[i] - abx[i]);
    if (!std::isfinite(error)) return std::numeric_limits<double>::infinity();
    if (error > 0) worst = std::max(worst, error / norms[i / k]);  // of a row of zeros: infinite
  }
  return worst;
}

}  // namespace

void fill_matrix(Backend& backend, const MatmulParams& params, Fill fill, std::uint64_t seed,
                 std::uint64_t index, void* matrix) {
  const Philox random(seed, RandomUse::matrix, index);
  std::vector<std::byte> panel(row_offset(params, panel_rows(params)));
  each_panel(params, [&](std::int64_t first, std::int64_t rows) {
    const std::int64_t begin = first * params.n, count = rows * params.n;
    if (params.dtype == DType::f64) {
      fill_panel(random, fill, begin, count, reinterpret_cast<double*>(panel.data()));
    } else {
      fill_panel(random, fill, begin, count, reinterpret_cast<float*>(panel.data()));
    }
    backend.copy_to_device(panel.data(),
                           static_cast<std::byte*>(matrix) + row_offset(params, first),
                           row_offset(params, rows));
  });
}

double freivalds_residual(Backend& backend, const MatmulParams& params, std::uint64_t seed,
                          const void* a, const void* b, const void* c) {
  return params.dtype == DType::f64 ? residual<double>(backend, params, seed, a, b, c)
                                    : residual<float>(backend, params, seed, a, b, c);
}

double freivalds_limit(const MatmulParams& params) {
  const double unit_roundoff = params.dtype == DType::f64 ? 0x1p-53 : 0x1p-24;
  return 8.0 * static_cast<double>(params.n) * unit_roundoff;
}

}  // namespace hikaku
