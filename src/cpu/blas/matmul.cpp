#include "cpu/blas/matmul.h"

#include <omp.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "cpu/blas/gemm.h"
#include "cpu/blas/openblas.h"

namespace hikaku {
namespace {

template <class T>
class OpenBlasMatmul final : public Matmul {
 public:
  OpenBlasMatmul(std::int64_t rows, std::int64_t n) : rows_(rows), n_(n) {
    static_cast<void>(openblas());
  }

  double run(const void* a, const void* b, void* c) override {
    const double start = clock_seconds();
    openblas().multiply(rows_, n_, static_cast<const T*>(a), static_cast<const T*>(b),
                        static_cast<T*>(c));
    return clock_seconds() - start;
  }
  [[nodiscard]] std::string implementation() const override {
    const OpenBlas& blas = openblas();
    return fmt::format("OpenBLAS {}, {}, {} threads", blas.version, blas.core,
                       std::min(blas.threads, omp_get_max_threads()));
  }

 private:
  std::int64_t rows_, n_;
};

template <class T>
class OwnMatmul final : public Matmul {
 public:
  OwnMatmul(std::int64_t rows, std::int64_t n) : gemm_(rows, n) {}

  double run(const void* a, const void* b, void* c) override {
    const double start = clock_seconds();
    gemm_.multiply(static_cast<const T*>(a), static_cast<const T*>(b), static_cast<T*>(c));
    return clock_seconds() - start;
  }
  [[nodiscard]] std::string implementation() const override {
    return fmt::format("hikaku gemm, AVX-512, {} threads", omp_get_max_threads());
  }

 private:
  Gemm<T> gemm_;
};

/// The smallest size for which a trial is held.
constexpr std::int64_t smallest_trial = 2000;

/// Times both on this machine, in alternation, on a quarter of the rows: which of the two is faster
/// depends on the CPU, on the version of OpenBLAS and on the size. Takes as long as about one and a
/// half products, and less memory than one.
template <class T>
bool own_wins_trial(std::int64_t n) {
  const std::int64_t rows = n / 4;
  const std::vector<T> a(static_cast<std::size_t>(rows * n), T{1});
  const std::vector<T> b(static_cast<std::size_t>(n * n), T{1});
  std::vector<T> c(a.size());
  OpenBlasMatmul<T> theirs(rows, n);
  OwnMatmul<T> own(rows, n);
  const auto seconds = [&](Matmul& matmul) { return matmul.run(a.data(), b.data(), c.data()); };
  double their_best = std::numeric_limits<double>::infinity(), own_best = their_best;
  for (int round = 0; round < 3; ++round) {
    their_best = std::min(their_best, seconds(theirs));
    own_best = std::min(own_best, seconds(own));
  }
  return own_best < their_best;
}

template <class T>
std::unique_ptr<Matmul> make(std::int64_t n) {
  if (n >= smallest_trial && gemm_is_supported() && own_wins_trial<T>(n)) {
    return std::make_unique<OwnMatmul<T>>(n, n);
  }
  return std::make_unique<OpenBlasMatmul<T>>(n, n);
}

}  // namespace

std::unique_ptr<Matmul> make_cpu_matmul(const MatmulParams& params) {
  require(params.n >= 1 && params.n <= 1'000'000, "[matmul] n = {}, allowed 1..1000000", params.n);
  if (params.math == MatmulMath::of_type && params.dtype == DType::f64) {
    return make<double>(params.n);
  }
  if (params.math == MatmulMath::of_type && params.dtype == DType::f32) {
    return make<float>(params.n);
  }
  throw Error(ExitCode::usage,
              fmt::format("--dtype {}: the CPU's matrix product is f32 or f64", name_of(params)),
              "ask for f32 or f64, or for another device");
}

}  // namespace hikaku
