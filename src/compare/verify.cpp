#include "compare/verify.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "base/philox.h"
#include "tensor/half.h"

namespace hikaku {
namespace {

/// Rows of a matrix on their way to or from the device; 16 MiB of doubles whatever n is.
std::int64_t panel_rows(const MatmulParams& params) {
  const auto row_bytes = params.n * static_cast<std::int64_t>(sizeof(double));
  return std::clamp<std::int64_t>((16 << 20) / row_bytes, 1, params.n);
}

/// Calls work(first row, rows) for each panel.
template <class Work>
void each_panel(const MatmulParams& params, const Work& work) {
  const std::int64_t step = panel_rows(params);
  for (std::int64_t first = 0; first < params.n; first += step) {
    work(first, std::min(step, params.n - first));
  }
}

/// Whole numbers of which sums of n products are exact in C. -3..3 where C has 24 bits or more. f16
/// and bf16 hold whole numbers up to 2048 and 256 only: there a number is -1, 0 or 1, and so seldom
/// not 0 that a sum's standard deviation is at most 32; one above 256 has a probability below 1e-12
/// (Bernstein).
class SmallIntegers {
 public:
  explicit SmallIntegers(const MatmulParams& params)
      : wide_(params.dtype == DType::f32 || params.dtype == DType::f64),
        nonzero_(static_cast<std::uint32_t>(
            0x1p31 * std::min(1.0, 32 / std::sqrt(static_cast<double>(params.n))))) {}

  int operator()(std::uint32_t word) const {
    if (wide_) return static_cast<int>(word % 7) - 3;
    return word >> 1 < nonzero_ ? static_cast<int>(word & 1u) * 2 - 1 : 0;
  }

 private:
  bool wide_;
  std::uint32_t nonzero_;
};

using Words = std::array<std::uint32_t, 4>;

/// Number i of a block's in [0, 1): of one word as f32, of two as f64.
void draw(const Words& words, std::size_t i, float& value) {
  value = static_cast<float>(words[i] >> 8) * 0x1p-24f;
}

void draw(const Words& words, std::size_t i, double& value) {
  const std::uint64_t word = (std::uint64_t{words[2 * i]} << 32) | words[2 * i + 1];
  value = static_cast<double>(word >> 11) * 0x1p-53;
}

/// Elements [first, first + count) of a stream; T takes one word, or two of them.
template <class T>
void fill_panel(const Philox& random, Fill fill, const SmallIntegers& integer, std::int64_t first,
                std::int64_t count, T* out) {
  constexpr std::int64_t words = sizeof(T) / sizeof(std::uint32_t), numbers = 4 / words;
#pragma omp parallel for
  for (std::int64_t block = first / numbers; block <= (first + count - 1) / numbers; ++block) {
    const Words bits = random.block(static_cast<std::uint64_t>(block));
    for (std::int64_t i = 0; i < numbers; ++i) {
      const std::int64_t at = numbers * block + i - first;
      if (at < 0 || at >= count) continue;
      if (fill == Fill::uniform) {
        draw(bits, static_cast<std::size_t>(i), out[at]);
      } else {  // of the last of its words
        out[at] = static_cast<T>(integer(bits[static_cast<std::size_t>(words * i + words - 1)]));
      }
    }
  }
}

/// Rounds to the type in pieces, one a thread at a time.
void encode_panel(const float* from, std::int64_t count, DType type, std::byte* to) {
  constexpr std::int64_t piece = 1 << 14;
#pragma omp parallel for
  for (std::int64_t first = 0; first < count; first += piece) {
    encode(from + first, std::min(piece, count - first), type,
           to + static_cast<std::size_t>(first) * size_of(type));
  }
}

/// y = M x for all vectors at once, x and y [n, freivalds_vectors]; also the norms of M's rows.
void multiply_vectors(Backend& backend, const MatmulParams& params, DType type, const void* matrix,
                      const std::vector<double>& x, std::vector<double>& y,
                      std::vector<double>& norms) {
  constexpr int k = freivalds_vectors;
  const std::int64_t n = params.n;
  const std::size_t row_bytes = static_cast<std::size_t>(n) * size_of(type);
  std::vector<std::byte> panel(static_cast<std::size_t>(panel_rows(params)) * row_bytes);
  each_panel(params, [&](std::int64_t first, std::int64_t rows) {
    backend.copy_to_host(
        static_cast<const std::byte*>(matrix) + static_cast<std::size_t>(first) * row_bytes,
        panel.data(), static_cast<std::size_t>(rows) * row_bytes);
#pragma omp parallel
    {
      std::vector<double> elements(static_cast<std::size_t>(n));
#pragma omp for
      for (std::int64_t row = 0; row < rows; ++row) {
        decode(panel.data() + static_cast<std::size_t>(row) * row_bytes, n, type, elements.data());
        double sums[k] = {}, squares = 0;
        for (std::int64_t j = 0; j < n; ++j) {
          const double element = elements[static_cast<std::size_t>(j)];
          squares += element * element;
          const double* factors = x.data() + j * k;
#pragma omp simd
          for (int v = 0; v < k; ++v) sums[v] += element * factors[v];
        }
        std::copy(sums, sums + k, y.begin() + (first + row) * k);
        norms[static_cast<std::size_t>(first + row)] = std::sqrt(squares);
      }
    }
  });
}

std::vector<double> random_signs(std::uint64_t seed, std::size_t count) {
  Philox random(seed, RandomUse::check);
  std::vector<double> signs(count);
  for (double& sign : signs) sign = (random() & 1u) != 0 ? 1.0 : -1.0;
  return signs;
}

}  // namespace

void fill_matrix(Backend& backend, const MatmulParams& params, Fill fill, std::uint64_t seed,
                 std::uint64_t index, void* matrix) {
  const Philox random(seed, RandomUse::matrix, index);
  const SmallIntegers integer(params);
  const DType type = params.operand();
  const auto most = static_cast<std::size_t>(panel_rows(params) * params.n);
  std::vector<float> floats(type == DType::f64 ? 0 : most);
  std::vector<std::byte> panel(most * size_of(type));
  each_panel(params, [&](std::int64_t first, std::int64_t rows) {
    const std::int64_t begin = first * params.n, count = rows * params.n;
    if (type == DType::f64) {
      fill_panel(random, fill, integer, begin, count, reinterpret_cast<double*>(panel.data()));
    } else {
      fill_panel(random, fill, integer, begin, count, floats.data());
      encode_panel(floats.data(), count, type, panel.data());
    }
    backend.copy_to_device(
        panel.data(),
        static_cast<std::byte*>(matrix) + static_cast<std::size_t>(begin) * size_of(type),
        static_cast<std::size_t>(count) * size_of(type));
  });
}

double freivalds_residual(Backend& backend, const MatmulParams& params, std::uint64_t seed,
                          const void* a, const void* b, const void* c) {
  constexpr auto k = static_cast<std::size_t>(freivalds_vectors);
  const auto n = static_cast<std::size_t>(params.n);
  const std::vector<double> x = random_signs(seed, n * k);
  std::vector<double> bx(n * k), abx(n * k), cx(n * k), norms(n);
  multiply_vectors(backend, params, params.operand(), b, x, bx, norms);
  multiply_vectors(backend, params, params.operand(), a, bx, abx, norms);
  multiply_vectors(backend, params, params.dtype, c, x, cx, norms);
  double worst = 0;
  for (std::size_t i = 0; i < n * k; ++i) {
    const double error = std::abs(cx[i] - abx[i]);
    if (!std::isfinite(error)) return std::numeric_limits<double>::infinity();
    if (error > 0) worst = std::max(worst, error / norms[i / k]);  // of a row of zeros: infinite
  }
  return worst;
}

double freivalds_limit(const MatmulParams& params) { return 8.0 * product_error_bound(params); }

double product_error_bound(const MatmulParams& params) {
  const auto n = static_cast<double>(params.n);
  constexpr double rounded = 0x1p-24, cut_off = 0x1p-23;  // an f32 sum on a CPU, on tensor cores
  switch (params.math) {
    case MatmulMath::f32x:
      return n * cut_off + 0x1p-21;
    case MatmulMath::tf32:
      return n * cut_off + 2 * 0x1p-10;
    case MatmulMath::fp8:
      return n * cut_off + 128 * 0x1p-13 + 0x1p-11;
    default:
      break;
  }
  switch (params.dtype) {
    case DType::f64:
      return n * 0x1p-53;
    case DType::bf16:
      return n * cut_off + 0x1p-8;
    case DType::f16:
      return n * cut_off + 0x1p-11;
    default:
      return n * rounded;
  }
}

}  // namespace hikaku
