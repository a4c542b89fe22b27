#include "compare/sweep.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "compare/verify.h"
#include "compare/with_copies.h"
#include "nn/model.h"

namespace hikaku {
namespace {

constexpr StoppingRule each_size{.min_samples = 5, .max_samples = 200, .budget_seconds = 0.3};
constexpr double warm_up_seconds = 0.05;

class Sweep {
 public:
  Sweep(Backend& backend, const MakeMatmul& make_matmul, const MatmulParams& params,
        std::uint64_t seed)
      : backend_(backend),
        params_(params),
        matmul_(make_matmul(params)),
        a_(backend, params.bytes() / 3),
        b_(backend, params.bytes() / 3),
        c_(backend, params.bytes() / 3) {
    fill_matrix(backend, params, Fill::uniform, seed, 0, a_.get());
    fill_matrix(backend, params, Fill::uniform, seed, 1, b_.get());
  }

  SweepResult run() {
    SweepResult result;
    result.device = backend_.name();
    result.dtype = name_of(params_.dtype);
    result.n = params_.n;
    const double begin = clock_seconds();
    do {
      multiply();
    } while (clock_seconds() - begin < warm_up_seconds);
    result.seconds = take_samples(each_size, [&] { multiply(); });
    if (!is_cpu(backend_)) result.seconds_with_copies = with_copies();
    return result;
  }

 private:
  void multiply() {
    matmul_->run(a_.get(), b_.get(), c_.get());
    backend_.synchronize();
  }

  Samples with_copies() {
    return samples_with_copies(backend_, params_, {a_.get(), b_.get(), c_.get()}, each_size,
                               [this] { matmul_->run(a_.get(), b_.get(), c_.get()); });
  }

  Backend& backend_;
  MatmulParams params_;
  std::unique_ptr<Matmul> matmul_;
  DeviceMemory a_, b_, c_;
};

}  // namespace

std::vector<std::int64_t> sweep_sizes(std::int64_t largest) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t n = 16; n < largest; n *= 2) sizes.push_back(n);
  sizes.push_back(largest);
  return sizes;
}

std::vector<SweepResult> run_sweep(Backend& backend, const MakeMatmul& make_matmul, DType dtype,
                                   const std::vector<std::int64_t>& sizes, std::uint64_t seed,
                                   const ProductProgress& progress) {
  std::vector<SweepResult> results;
  for (const std::int64_t n : sizes) {
    if (progress) {
      progress(fmt::format("n = {}", n),
               static_cast<double>(results.size()) / static_cast<double>(sizes.size()));
    }
    const MatmulParams params{n, dtype};
    // What was measured until here took its time: it is not to be lost for want of memory.
    if (working_bytes(params) > static_cast<double>(backend.available_memory_bytes())) break;
    results.push_back(Sweep(backend, make_matmul, params, seed).run());
  }
  return results;
}

}  // namespace hikaku
