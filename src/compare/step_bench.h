// One training step and one evaluation batch on random data: the figures to compare with other
// trainers, without files or decoding.
#pragma once

#include <functional>
#include <vector>

#include "nn/plan_builder.h"
#include "report/result.h"

namespace hikaku {

struct StepBenchOptions {
  UNetConfig config;
  BatchShape batch;
  LossOptions loss;
  std::uint64_t seed = 0;
  StoppingRule stopping{.min_samples = 3, .max_samples = 30, .budget_seconds = 20};
  bool evaluation = true;  ///< "eval_step" as well
  int warm_up = 2;         ///< runs of each before the first sample
};

/// "train_step" and "eval_step" (forward and loss), each with its samples.
[[nodiscard]] std::vector<BenchResult> bench_steps(
    Backend& backend, const StepBenchOptions& options,
    const std::function<void(const std::string& what)>& progress = {});

}  // namespace hikaku
