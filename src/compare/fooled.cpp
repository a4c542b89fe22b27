#include "compare/fooled.h"

#include "base/clock.h"
#include "compare/step_bench.h"
#include "compare/verify.h"
#include "nn/model.h"

namespace hikaku {

std::optional<FooledResult> time_without_waiting(Backend& device, const MakeMatmul& make_matmul,
                                                 const MatmulParams& params, std::uint64_t seed) {
  if (working_bytes(params) > static_cast<double>(device.available_memory_bytes())) return {};
  constexpr StoppingRule few{.min_samples = 5, .max_samples = 10, .budget_seconds = 3};
  const auto product = make_matmul(params);
  const std::size_t operand = params.matrix_bytes(params.operand());
  const DeviceMemory a(device, operand), b(device, operand);
  const DeviceMemory c(device, params.matrix_bytes(params.dtype));
  fill_matrix(device, params, Fill::uniform, seed, 0, a.get());
  fill_matrix(device, params, Fill::uniform, seed, 1, b.get());
  const auto launch = [&] { product->launch(a.get(), b.get(), c.get()); };
  const auto wait = [&] { device.synchronize(); };
  launch();  // plans
  wait();

  FooledResult fooled{"no_sync", device.name(), name_of(params), params.n, {}, {}};
  const double begin = clock_seconds();
  while (few.goes_on(fooled.right.values.size(), clock_seconds() - begin)) {
    double start = clock_seconds();
    launch();
    fooled.wrong.values.push_back(clock_seconds() - start);
    wait();
    start = clock_seconds();
    launch();
    wait();
    fooled.right.values.push_back(clock_seconds() - start);
  }
  return fooled;
}

std::optional<FooledResult> time_batch_of_one(Backend& device, const UNetConfig& network,
                                              const UnetResult& unet, std::uint64_t seed) {
  // Batch norm needs more than one value a channel, also where the picture is smallest.
  const bool trainable = unet.size > network.side_unit();
  if (!trainable || unet.batch_size < 2 || unet.train.step_seconds.values.empty()) return {};
  StepBenchOptions options;
  options.config = network;
  options.batch = {.images = 1, .height = unet.size, .width = unet.size};
  options.seed = seed;
  options.stopping = {.min_samples = 5, .max_samples = 30, .budget_seconds = 5};
  options.evaluation = false;
  options.warm_up = 1;
  FooledResult fooled{"batch_1", device.name(), unet.precision, unet.batch_size, {}, {}};
  fooled.wrong = bench_steps(device, options)[0].seconds;
  for (const double seconds : unet.train.step_seconds.values) {
    fooled.right.values.push_back(seconds / static_cast<double>(unet.batch_size));
  }
  return fooled;
}

}  // namespace hikaku
