#include "app/product_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/experiment.h"
#include "base/signals.h"
#include "compare/blas_caveats.h"
#include "compare/product.h"
#include "cpu/blas/openblas.h"

namespace hikaku {
namespace {

const std::vector<std::string> cpu_types{"f64", "f32"};
const std::vector<std::string> all_types(product_names.begin(), product_names.end());

MatmulResult measure(const Context& context, Backend& device, const std::string& subject,
                     const ProductOptions& options, const std::vector<GpuFacts>& gpus) {
  Progress bar(context.console, subject, 100);
  const auto observe = [&bar](const std::string&, double done) {
    stop_if_requested();
    bar.update(static_cast<std::int64_t>(100 * done));
  };
  const auto make = [&device](const MatmulParams& params) { return device.matmul(params); };
  const PeakSource peak = is_cpu(device) ? cpu_peak(options.params.dtype)
                                         : gpu_peak(gpus, device.name(), options.params);
  return run_product(device, make, options, peak, observe);
}

void add(const MatmulResult& product, const std::string& subject, bool on_cpu, Result& result) {
  add_caveats(sample_caveats(product.seconds, subject), result);
  const bool equivalent = product.dtype == "f32x";  // emulated: counted by f32's operations
  auto caveat = rate_caveat(product.flops_per_second, product.peak_flops_per_second, subject);
  if (caveat && !equivalent) {
    result.caveats.push_back(std::move(*caveat));
  }
  if (on_cpu) add_caveats(blas_caveats(product, openblas()), result);
  result.matmul.push_back(product);
}

}  // namespace

void ProductRun::declare(Options& options) {
  options.integer("--n", n, 1, 1'000'000, {"rows and columns of the matrices", "行列の大きさ"});
  options.choices("--dtype", dtypes, all_types,
                  {"types of the numbers; by default all that the device has",
                   "数の型。既定はその装置にあるものすべて"});
}

void ProductRun::run(const Context& context, Backend& device, Result& result,
                     const ProductExtras& extras) const {
  const bool on_cpu = is_cpu(device);
  for (const std::string& name : !dtypes.empty() ? dtypes : on_cpu ? cpu_types : all_types) {
    if (on_cpu && extras.beside_gpu && !contains(cpu_types, name)) continue;
    const std::string subject = fmt::format("matmul {} on {}", name, device.name());
    const MatmulParams params = product_named(name, n);
    ProductOptions options;
    options.params = params;
    options.seed = result.seed;
    options.stopping = stopping;
    options.available_bytes = device.available_memory_bytes();
    options.with_copies = !on_cpu;
    if (extras.look) {
      options.look = [&](Backend& backend, const void* c) { extras.look(params, backend, c); };
    }
    if (extras.energy != nullptr && (name == "f32" || !extras.energy_of_f32_only)) {
      options.repeat = [&](const std::function<void()>& multiply) {
        extras.energy->repeat("matmul", device.name(), name, multiply);
      };
    }
    try {
      const MatmulResult product = measure(context, device, subject, options, result.machine.gpus);
      add(product, subject, on_cpu, result);
      if (extras.race != nullptr) {
        extras.race->finish("matmul", fmt::format("{} {}", product.device, product.dtype),
                            product.seconds.median());
      }
    } catch (const Error& error) {
      if (error.code() != ExitCode::usage || !dtypes.empty()) throw;
      result.caveats.push_back(make_caveat(CaveatId::not_on_this_gpu, subject));
    }
  }
}

bool wrong_product(const Result& result) {
  return std::any_of(result.matmul.begin(), result.matmul.end(),
                     [](const MatmulResult& product) { return !product.verified; });
}

}  // namespace hikaku
