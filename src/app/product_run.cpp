#include "app/product_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/experiment.h"
#include "base/signals.h"
#include "compare/blas_caveats.h"
#include "compare/product.h"
#include "cpu/backend.h"
#include "cpu/blas/matmul.h"
#include "cpu/blas/openblas.h"

namespace hikaku {

void ProductRun::declare(Options& options) {
  options.integer("--n", n, 1, 1'000'000, {"rows and columns of the matrices", "行列の大きさ"});
  options.choices("--dtype", dtypes, {"f64", "f32"}, {"types of the numbers", "数の型"});
}

void require_product(const std::string& device) {
  if (device == "cpu" || device == "auto") return;
  const auto gpu = open_device(device, "");  // throws where there is none
  throw Error(ExitCode::missing,
              fmt::format("--device {}: the product has no code for the GPU yet", gpu->name()),
              "--device cpu runs it on the CPU");
}

void ProductRun::run(const Context& context, Result& result) const {
  const auto device = make_cpu_backend();
  for (const std::string& name : dtypes) {
    const DType dtype = name == "f64" ? DType::f64 : DType::f32;
    const std::string subject = fmt::format("matmul {} on {}", name, device->name());
    Progress bar(context.console, subject, 100);
    const auto observe = [&bar](const std::string&, double done) {
      stop_if_requested();
      bar.update(static_cast<std::int64_t>(100 * done));
    };
    const ProductOptions options{.params = {n, dtype},
                                 .seed = result.seed,
                                 .stopping = stopping,
                                 .available_bytes = read_memory().available};
    const MatmulResult product =
        run_product(*device, make_cpu_matmul, options, cpu_peak(dtype), observe);
    add_caveats(sample_caveats(product.seconds, subject), result);
    if (auto caveat =
            rate_caveat(product.flops_per_second, product.peak_flops_per_second, subject)) {
      result.caveats.push_back(std::move(*caveat));
    }
    add_caveats(blas_caveats(product, openblas()), result);
    result.matmul.push_back(product);
  }
}

bool wrong_product(const Result& result) {
  return std::any_of(result.matmul.begin(), result.matmul.end(),
                     [](const MatmulResult& product) { return !product.verified; });
}

}  // namespace hikaku
