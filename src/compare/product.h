// The first experiment: C = A * B with A and B uniform in [0, 1), timed and verified.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ops/backend.h"
#include "ops/matmul.h"
#include "report/result.h"

namespace hikaku {

struct ProductOptions {
  MatmulParams params;
  std::uint64_t seed = 0;
  StoppingRule stopping;
  WarmUp warm_up;
  std::int64_t available_bytes = 0;  ///< free memory of the device
  bool with_copies = false;          ///< also times the product with its copies: for a GPU
  /// Called behind the samples with the product, to be repeated while its energy is counted.
  std::function<void(const std::function<void()>& multiply)> repeat;
  /// Called with the last product of the uniform matrices, C on the device.
  std::function<void(Backend& backend, const void* c)> look;
};

/// Plans the product on the device: Backend::matmul.
using MakeMatmul = std::function<std::unique_ptr<Matmul>(const MatmulParams&)>;

/// The peak that the rate is compared with. `rate` is asked before each sample, so that it is
/// measured in alternation with the product; the largest answer counts. FLOP/s.
struct PeakSource {
  std::string kind = "measured";  ///< or "theoretical"
  std::function<double()> rate;
};

/// What the CPU can do, measured.
[[nodiscard]] PeakSource cpu_peak(DType dtype);
/// What the GPU "cuda:N" can do by its data (measure/gpu_peak.h); without a rate where they are not
/// known.
[[nodiscard]] PeakSource gpu_peak(const std::vector<GpuFacts>& gpus, const std::string& device,
                                  const MatmulParams& params);

/// Told what is being done, and how far it is, 0..1.
using ProductProgress = std::function<void(const std::string& what, double done)>;

/// Runs the experiment on the device:
///   1. a product of small integers, which must be exact: also the first call, timed apart;
///   2. warm-up and samples on uniform matrices, then samples with the copies;
///   3. Freivalds' check of the last product (verify.h).
/// Throws ExitCode::out_of_memory before anything is allocated if working_bytes() do not fit into
/// `available_bytes`; a wrong product is told by `verified` = false.
[[nodiscard]] MatmulResult run_product(Backend& device, const MakeMatmul& make_matmul,
                                       const ProductOptions& options, const PeakSource& peak,
                                       const ProductProgress& progress = {});

/// The three matrices, what a GPU's product has beside them (cuda/matmul.h), and 10 % more.
[[nodiscard]] double working_bytes(const MatmulParams& params);

/// The largest n of this kind that fits into `bytes`.
[[nodiscard]] std::int64_t largest_product(MatmulParams params, std::int64_t bytes);

}  // namespace hikaku
