// hikaku matmul: time the matrix product C = A x B.
#include <algorithm>

#include "app/commands/all.h"
#include "app/devices.h"
#include "app/experiment.h"
#include "app/extras_run.h"
#include "app/product_run.h"
#include "app/threads.h"
#include "compare/speedups.h"

namespace hikaku {
namespace {

class MatmulCommand : public Command {
 public:
  Description describe() const override {
    return {"matmul",
            {"time the matrix product C = A x B", "行列の積 C = A x B の時間を測る"},
            "hikaku matmul --n 4000 --device cpu,cuda --dtype f32"};
  }

  void declare(Options& options) override {
    product_.declare(options);
    options.integer("--samples", samples_, 1, 10'000,
                    {"stop after so many samples", "測定の回数の上限"});
    options.flag(
        "--sweep", sweep_,
        {"also at many sizes up to --n, in f32", "--n までのいろいろな大きさでも測る（f32）"});
    options.devices(devices_);
    options.seed(seed_);
    options.threads(threads_);
    options.json(json_);
  }

  ExitCode run(Context& context) override {
    use_threads(threads_);
    const Devices devices =
        open_devices(context, devices_, Auto::best, {.precision = "f32", .deterministic = false});
    Result result = begin_result(context, seed_, json_, devices);
    product_.stopping.max_samples = static_cast<int>(samples_);
    product_.stopping.min_samples =
        std::min(product_.stopping.min_samples, product_.stopping.max_samples);
    for (const auto& device : devices.opened) {
      product_.run(context, *device, result,
                   {.beside_gpu = devices.opened.size() > 1,
                    .look = {},
                    .energy = nullptr,
                    .energy_of_f32_only = false});
    }
    result.speedups = speedups(result);
    if (sweep_) run_sweep_of_sizes(context, devices, product_.n, result);
    show_result(context, result, json_);
    return wrong_product(result) ? ExitCode::failed : ExitCode::ok;
  }

 private:
  ProductRun product_;
  std::vector<std::string> devices_{"auto"};
  std::string json_;
  bool sweep_ = false;
  std::int64_t samples_ = StoppingRule{}.max_samples, seed_ = 0, threads_ = 0;
};

}  // namespace

std::unique_ptr<Command> matmul_command() { return std::make_unique<MatmulCommand>(); }

}  // namespace hikaku
