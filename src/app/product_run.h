// The matrix product, as `matmul` and `compare` run it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/race.h"
#include "compare/energy_watch.h"
#include "ops/backend.h"
#include "report/result.h"

namespace hikaku {

struct ProductExtras {
  bool beside_gpu = false;  ///< types that the CPU lacks are left to the GPU
  /// Looks at each product that was measured; C lies on the device.
  std::function<void(const MatmulParams& params, Backend& device, const void* c)> look;
  EnergyWatch* energy = nullptr;    ///< counts that of each product,
  Race* race = nullptr;             ///< gets the time of each product
  bool energy_of_f32_only = false;  ///< or of the one type that all devices have
};

struct ProductRun {
  std::int64_t n = 8000;
  std::vector<std::string> dtypes;  ///< none: all that the device has
  StoppingRule stopping;

  void declare(Options& options);
  /// Runs the product in each type on the device and adds it, with what must be said of it, to
  /// `result`. A type that the device lacks becomes a caveat where nobody named it, else it throws
  /// ExitCode::usage.
  void run(const Context& context, Backend& device, Result& result,
           const ProductExtras& extras = {}) const;
};

/// A wrong product makes the run a failed one.
[[nodiscard]] bool wrong_product(const Result& result);

}  // namespace hikaku
