#include "app/extras_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "app/child.h"
#include "base/signals.h"
#include "compare/fooled.h"
#include "compare/sweep.h"
#include "cpu/backend.h"
#include "cpu/blas/matmul.h"

namespace hikaku {
namespace {

/// Below the size from which our own kernel may take over from OpenBLAS (cpu/blas/matmul.h).
constexpr std::int64_t fooled_size = 1500;

std::optional<Samples> child_product(const std::vector<std::string>& options,
                                     const std::string& variable = {}) {
  std::vector<std::string> words{"matmul",
                                 "--n",
                                 std::to_string(fooled_size),
                                 "--dtype",
                                 "f32",
                                 "--device",
                                 "cpu",
                                 "--samples",
                                 "5",
                                 "--sweep=false",
                                 "--quiet",
                                 "--json",
                                 "-"};
  words.insert(words.end(), options.begin(), options.end());
  const auto output = output_of_child(words, variable);
  if (!output) return {};
  const Result result = read_result(*output, "matmul");
  if (result.matmul.empty()) return {};
  return result.matmul[0].seconds;
}

void run_fooled_gpus(const Devices& devices, std::int64_t n, Result& result) {
  for (const auto& device : devices.opened) {
    if (is_cpu(*device)) continue;
    const auto make = [&](const MatmulParams& params) { return device->matmul(params); };
    auto fooled = time_without_waiting(*device, make, product_named("f32", n), result.seed);
    if (fooled) result.fooled.push_back(std::move(*fooled));
  }
}

/// The devices as they were opened: each beside its own training in that precision.
void run_batch_of_one(const Devices& devices, const UNetConfig& network, Result& result) {
  for (const auto& device : devices.opened) {
    const auto unet =
        std::find_if(result.unet.begin(), result.unet.end(), [&](const UnetResult& other) {
          return other.device == device->name() && other.precision == name_of(device->precision());
        });
    if (unet == result.unet.end()) continue;
    if (auto fooled = time_batch_of_one(*device, network, *unet, result.seed)) {
      result.fooled.push_back(std::move(*fooled));
    }
    stop_if_requested();
  }
}

}  // namespace

void run_sweep_of_sizes(const Context& context, const Devices& devices, std::int64_t largest,
                        Result& result) {
  const auto sweep = [&](Backend& device, const MakeMatmul& make) {
    Progress bar(context.console, fmt::format("matmul f32 on {}, many sizes", device.name()), 100);
    auto points = run_sweep(device, make, DType::f32, sweep_sizes(largest), result.seed,
                            [&](const std::string&, double done) {
                              stop_if_requested();
                              bar.update(static_cast<std::int64_t>(100 * done));
                            });
    result.sweep.insert(result.sweep.end(), points.begin(), points.end());
  };
  sweep(*make_cpu_backend(), make_cpu_matmul);
  for (const auto& device : devices.opened) {
    if (is_cpu(*device)) continue;
    sweep(*device, [&](const MatmulParams& params) { return device->matmul(params); });
  }
}

void run_fooled(const Context& context, const Devices& devices, std::int64_t n,
                const UNetConfig& network, Result& result) {
  Progress bar(context.console, "how to be fooled", 4);
  run_fooled_gpus(devices, n, result);
  run_batch_of_one(devices, network, result);
  bar.update(1);
  const std::string threads = std::to_string(result.machine.cpu.threads);
  const auto right = child_product({"--threads", threads});
  bar.update(2);
  if (!right) return;
  const auto add = [&](const char* id, const std::optional<Samples>& wrong) {
    if (wrong) result.fooled.push_back({id, "cpu", "f32", fooled_size, *wrong, *right});
  };
  stop_if_requested();
  if (result.machine.cpu.threads > 1) add("one_thread", child_product({"--threads", "1"}));
  bar.update(3);
  stop_if_requested();
  add("old_blas", child_product({"--threads", threads}, "OPENBLAS_CORETYPE=Prescott"));
  bar.update(4);
}

}  // namespace hikaku
