#include "compare/product.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "compare/verify.h"
#include "compare/with_copies.h"
#include "measure/gpu_peak.h"
#include "measure/peak.h"
#include "nn/model.h"

namespace hikaku {
namespace {

void require_memory(const std::string& device, const ProductOptions& options) {
  const MatmulParams& params = options.params;
  if (working_bytes(params) <= static_cast<double>(options.available_bytes)) return;
  constexpr double gibibyte = 0x1p30;
  const std::int64_t largest = largest_product(params, options.available_bytes);
  throw Error(ExitCode::out_of_memory,
              fmt::format("matmul --n {} {} on {}: needs {:.2f} GiB, free are {:.2f} GiB; at most "
                          "n = {} fits",
                          params.n, name_of(params), device, working_bytes(params) / gibibyte,
                          static_cast<double>(options.available_bytes) / gibibyte, largest),
              fmt::format("give --n {} or less, or free memory", largest));
}

/// fp8 takes n as it is where it is a multiple of this.
constexpr std::int64_t fp8_unit = 16;

/// What a GPU has beside the three matrices: f32x A and B once more as pairs of f16, fp8 a
/// transposed B or all three padded. The other types are padded only where there is room for it.
std::size_t bytes_beside(const MatmulParams& params) {
  if (params.math == MatmulMath::f32x) return 2 * params.matrix_bytes(DType::f32);
  if (params.math != MatmulMath::fp8) return 0;
  return params.n % fp8_unit == 0 ? params.matrix_bytes(DType::u8) : params.bytes();
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
        a_(backend, options.params.matrix_bytes(options.params.operand())),
        b_(backend, options.params.matrix_bytes(options.params.operand())),
        c_(backend, options.params.matrix_bytes(options.params.dtype)) {}

  MatmulResult run(const PeakSource& peak) {
    MatmulResult result;
    result.device = backend_.name();
    result.dtype = name_of(options_.params);
    result.n = options_.params.n;
    result.peak_kind = peak.kind;
    check_integers(result);
    time_products(peak, result);
    if (options_.with_copies) time_with_copies(result);
    if (options_.repeat) options_.repeat([this] { multiply(); });
    result.implementation = matmul_->implementation();
    tell("verifying", 0.95);
    result.error.vectors = freivalds_vectors;
    result.error.freivalds = residual();
    result.error.freivalds_limit = freivalds_limit(options_.params);
    result.verified =
        result.error.exact_integers && result.error.freivalds <= result.error.freivalds_limit;
    if (options_.look) options_.look(backend_, c_.get());
    tell("done", 1.0);
    return result;
  }

 private:
  void tell(const char* what, double done) const {
    if (progress_) progress_(what, done);
  }
  void fill(Fill kind) {
    fill_matrix(backend_, options_.params, kind, options_.seed, 0, a_.get());
    fill_matrix(backend_, options_.params, kind, options_.seed, 1, b_.get());
  }
  double multiply() { return matmul_->run(a_.get(), b_.get(), c_.get()); }
  double residual() {
    return freivalds_residual(backend_, options_.params, options_.seed, a_.get(), b_.get(),
                              c_.get());
  }

  void check_integers(MatmulResult& result) {
    tell("exact integers", 0.0);
    fill(Fill::small_integer);
    const double start = clock_seconds();
    multiply();
    result.first_call_seconds = clock_seconds() - start;
    result.error.exact_integers = residual() == 0;
  }

  void time_products(const PeakSource& peak, MatmulResult& result) {
    tell("warming up", 0.1);
    fill(Fill::uniform);
    warm_up(options_.warm_up, [this] { return multiply(); });

    double highest_peak = 0, taken = 0;
    const auto between = [&] {
      tell("measuring", 0.2 + 0.6 * taken++ / options_.stopping.max_samples);
      if (peak.rate) highest_peak = std::max(highest_peak, peak.rate());
    };
    result.seconds = collect_samples(
        options_.stopping, [&] { return multiply(); }, between);
    result.flops_per_second = options_.params.flops() / result.seconds.median();
    if (highest_peak > 0) {
      result.peak_flops_per_second = highest_peak;
      result.fraction_of_peak = result.flops_per_second / highest_peak;
    }
  }

  void time_with_copies(MatmulResult& result) {
    tell("with copies", 0.85);
    const StoppingRule few{.min_samples = std::min(3, options_.stopping.min_samples),
                           .max_samples = 5,
                           .budget_seconds = 2};
    result.seconds_with_copies = samples_with_copies(
        backend_, options_.params, {a_.get(), b_.get(), c_.get()}, few, [this] { multiply(); });
  }

  Backend& backend_;
  const ProductOptions& options_;
  const ProductProgress& progress_;
  std::unique_ptr<Matmul> matmul_;
  DeviceMemory a_, b_, c_;
};

}  // namespace

PeakSource cpu_peak(DType dtype) {
  return {"measured", [dtype] { return measure_peak_flops(dtype, 0.1); }};
}

PeakSource gpu_peak(const std::vector<GpuFacts>& gpus, const std::string& device,
                    const MatmulParams& params) {
  PeakSource peak{"theoretical", {}};
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    if (device != fmt::format("cuda:{}", i)) continue;
    const auto rate = theoretical_peak_flops(gpus[i], name_of(params));
    if (rate) peak.rate = [rate = *rate] { return rate; };
  }
  return peak;
}

MatmulResult run_product(Backend& device, const MakeMatmul& make_matmul,
                         const ProductOptions& options, const PeakSource& peak,
                         const ProductProgress& progress) {
  require_memory(device.name(), options);
  return Product(device, make_matmul(options.params), options, progress).run(peak);
}

double working_bytes(const MatmulParams& params) {
  return 1.1 * static_cast<double>(params.bytes() + bytes_beside(params));
}

std::int64_t largest_product(MatmulParams params, std::int64_t bytes) {
  // The bytes of n = unit * x are those of x = 1 times x^2, as long as `unit` decides the way.
  const auto largest = [&](std::int64_t unit) {
    params.n = unit;
    const double room = std::max(static_cast<double>(bytes), 0.0) / working_bytes(params);
    return unit * static_cast<std::int64_t>(std::sqrt(room));
  };
  return std::max(largest(1), largest(fp8_unit));
}

}  // namespace hikaku
