// The matrix product, as `matmul` and `compare` run it.
#pragma once

#include <string>
#include <vector>

#include "app/command.h"
#include "ops/backend.h"
#include "report/result.h"

namespace hikaku {

struct ProductRun {
  std::int64_t n = 8000;
  std::vector<std::string> dtypes{"f64", "f32"};
  StoppingRule stopping;

  void declare(Options& options);
  /// Runs the product in each type on the CPU and adds it, with what must be said of it, to
  /// `result`.
  void run(const Context& context, Result& result) const;
};

/// Throws ExitCode::missing where --device names a device that has no product.
void require_product(const std::string& device);

/// A wrong product makes the run a failed one.
[[nodiscard]] bool wrong_product(const Result& result);

}  // namespace hikaku
