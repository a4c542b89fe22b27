#include "cpu/blas/matmul.h"

#include <omp.h>

#include "base/error.h"
#include "cpu/blas/openblas.h"

namespace hikaku {
namespace {

template <class T>
class OpenBlasMatmul final : public Matmul {
 public:
  explicit OpenBlasMatmul(std::int64_t n) : n_(n) {}

  void run(const void* a, const void* b, void* c) override {
    openblas().multiply(n_, static_cast<const T*>(a), static_cast<const T*>(b), static_cast<T*>(c));
  }
  [[nodiscard]] std::string implementation() const override {
    const OpenBlas& blas = openblas();
    return fmt::format("OpenBLAS {}, {}, {} threads", blas.version, blas.core,
                       omp_get_max_threads());
  }

 private:
  std::int64_t n_;
};

}  // namespace

std::unique_ptr<Matmul> make_cpu_matmul(const MatmulParams& params) {
  require(params.n >= 1 && params.n <= 1'000'000, "[matmul] n = {}, allowed 1..1000000", params.n);
  static_cast<void>(openblas());  // a missing library is told now
  if (params.dtype == DType::f64) return std::make_unique<OpenBlasMatmul<double>>(params.n);
  if (params.dtype == DType::f32) return std::make_unique<OpenBlasMatmul<float>>(params.n);
  throw Error(
      ExitCode::usage,
      fmt::format("--dtype {}: the CPU's matrix product is f32 or f64", name_of(params.dtype)),
      "ask for f32 or f64, or for another device");
}

}  // namespace hikaku
