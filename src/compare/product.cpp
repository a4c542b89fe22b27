#include "compare/product.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "compare/verify.h"
#include "measure/peak.h"

namespace hikaku {
namespace {

/// One matrix on the device.
class Matrix {
 public:
  Matrix(Backend& backend, const MatmulParams& params)
      : memory_(backend.allocate(params.bytes() / 3), Release{&backend}) {}
  [[nodiscard]] void* data() const { return memory_.get(); }

 private:
  struct Release {
    Backend* backend;
    void operator()(void* memory) const { backend->release(memory); }
  };
  std::unique_ptr<void, Release> memory_;
};

double needed_bytes(const MatmulParams& params) {
  return 1.1 * static_cast<double>(params.bytes());
}

void require_memory(const std::string& device, const ProductOptions& options) {
  const MatmulParams& params = options.params;
  if (needed_bytes(params) <= static_cast<double>(options.available_bytes)) return;
  constexpr double gibibyte = 0x1p30;
  const std::int64_t largest = largest_product(params.dtype, options.available_bytes);
  throw Error(ExitCode::out_of_memory,
              fmt::format("matmul --n {} {} on {}: needs {:.2f} GiB, free are {:.2f} GiB; at most "
                          "n = {} fits",
                          params.n, name_of(params.dtype), device, needed_bytes(params) / gibibyte,
                          static_cast<double>(options.available_bytes) / gibibyte, largest),
              fmt::format("give --n {} or less, or free memory", largest));
}

/// The experiment's objects, in the order in which they are made.
class Product {
 public:
  Product(Backend& backend, std::unique_ptr<Matmul> matmul, const ProductOptions& options,
          const ProductProgress& progress)
      : backend_(backend),
        options_(options),
        progress_(progress),
        matmul_(std::move(matmul)),
        a_(backend, options.params),
        b_(backend, options.params),
        c_(backend, options.params) {}

  MatmulResult run(const PeakSource& peak) {
    MatmulResult result;
    result.device = backend_.name();
    result.dtype = name_of(options_.params.dtype);
    result.n = options_.params.n;
    result.implementation = matmul_->implementation();
    result.peak_kind = peak.kind;
    check_integers(result);
    time_products(peak, result);
    tell("verifying", 0.95);
    result.error.vectors = freivalds_vectors;
    result.error.freivalds = residual();
    result.error.freivalds_limit = freivalds_limit(options_.params);
    result.verified =
        result.error.exact_integers && result.error.freivalds <= result.error.freivalds_limit;
    tell("done", 1.0);
    return result;
  }

 private:
  void tell(const char* what, double done) const {
    if (progress_) progress_(what, done);
  }
  void fill(Fill kind) {
    fill_matrix(backend_, options_.params, kind, options_.seed, 0, a_.data());
    fill_matrix(backend_, options_.params, kind, options_.seed, 1, b_.data());
  }
  void multiply() { matmul_->run(a_.data(), b_.data(), c_.data()); }
  double timed_multiply() {
    const double start = clock_seconds();
    multiply();
    return clock_seconds() - start;
  }
  double residual() {
    return freivalds_residual(backend_, options_.params, options_.seed, a_.data(), b_.data(),
                              c_.data());
  }

  void check_integers(MatmulResult& result) {
    tell("exact integers", 0.0);
    fill(Fill::small_integer);
    result.first_call_seconds = timed_multiply();
    result.error.exact_integers = residual() == 0;
  }

  void time_products(const PeakSource& peak, MatmulResult& result) {
    tell("warming up", 0.1);
    fill(Fill::uniform);
    for (double spent = 0; spent < options_.warm_up_seconds;) spent += timed_multiply();

    double highest_peak = 0, taken = 0;
    const auto between = [&] {
      tell("measuring", 0.2 + 0.7 * taken++ / options_.stopping.max_samples);
      if (peak.rate) highest_peak = std::max(highest_peak, peak.rate());
    };
    result.seconds = take_samples(
        options_.stopping, [&] { multiply(); }, between);
    result.flops_per_second = options_.params.flops() / result.seconds.median();
    if (highest_peak > 0) {
      result.peak_flops_per_second = highest_peak;
      result.fraction_of_peak = result.flops_per_second / highest_peak;
    }
  }

  Backend& backend_;
  const ProductOptions& options_;
  const ProductProgress& progress_;
  std::unique_ptr<Matmul> matmul_;
  Matrix a_, b_, c_;
};

}  // namespace

PeakSource cpu_peak(DType dtype) {
  return {"measured", [dtype] { return measure_peak_flops(dtype, 0.1); }};
}

MatmulResult run_product(Backend& memory, const MakeMatmul& make_matmul,
                         const ProductOptions& options, const PeakSource& peak,
                         const ProductProgress& progress) {
  require_memory(memory.name(), options);
  return Product(memory, make_matmul(options.params), options, progress).run(peak);
}

std::int64_t largest_product(DType dtype, std::int64_t bytes) {
  const double elements = static_cast<double>(bytes) / 3.3 / static_cast<double>(size_of(dtype));
  return static_cast<std::int64_t>(std::sqrt(std::max(elements, 0.0)));
}

}  // namespace hikaku
