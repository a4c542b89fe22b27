#include "report/figures.h"

#include <fmt/format.h>

namespace hikaku {

std::vector<Figure> figures_of(const Result& result) {
  std::vector<Figure> figures;
  for (const MatmulResult& product : result.matmul) {
    figures.push_back({fmt::format("matmul {} n={} {}", product.dtype, product.n, product.device),
                       product.device, product.seconds});
  }
  for (const UnetResult& unet : result.unet) {
    const std::string work = fmt::format("{} batch={} size={} {}", unet.precision, unet.batch_size,
                                         unet.size, unet.device);
    figures.push_back({"train step " + work, unet.device, unet.train.step_seconds});
    figures.push_back({"eval step " + work, unet.device, unet.eval.step_seconds});
  }
  for (const BenchResult& bench : result.bench) {
    figures.push_back({fmt::format("bench {} {} batch={} size={} {}", bench.what, bench.precision,
                                   bench.batch_size, bench.size, bench.device),
                       bench.device, bench.seconds});
  }
  for (const SweepResult& point : result.sweep) {
    figures.push_back({fmt::format("sweep {} n={} {}", point.dtype, point.n, point.device),
                       point.device, point.seconds});
  }
  return figures;
}

}  // namespace hikaku
