// hikaku bench step: one training step and one evaluation batch, on random data.
#include "app/commands/all.h"
#include "app/devices.h"
#include "app/experiment.h"
#include "app/threads.h"
#include "app/training_run.h"
#include "base/signals.h"
#include "compare/step_bench.h"

namespace hikaku {
namespace {

class BenchStep : public Command {
 public:
  Description describe() const override {
    return {"bench step",
            {"time one training step and one evaluation batch, on random data",
             "学習と評価の 1 バッチを、乱数の画像で測る"},
            "hikaku bench step --batch-size 4"};
  }

  void declare(Options& options) override {
    options.precision(precision_);
    declare_batch(options, batch_size_, size_);
    options.device(device_);
    options.deterministic(deterministic_);
    options.seed(seed_);
    options.threads(threads_);
    options.json(json_);
  }

  ExitCode run(Context& context) override {
    use_threads(threads_);
    const Devices devices =
        open_devices(context, {device_}, Auto::best, {precision_, deterministic_});
    require_size(size_);
    Result result = begin_result(context, seed_, json_, devices);
    StepBenchOptions options;
    options.batch = {batch_size_, size_, size_};
    options.seed = result.seed;
    result.bench = bench_steps(devices.front(), options, [&](const std::string& what) {
      stop_if_requested();
      context.console.note(what);
    });
    for (const BenchResult& bench : result.bench) {
      add_caveats(sample_caveats(bench.seconds, bench.what + " on " + bench.device), result);
    }
    show_result(context, result, json_);
    return ExitCode::ok;
  }

 private:
  std::string precision_;
  std::int64_t batch_size_ = 16, size_ = 256;
  std::string device_ = "auto", json_;
  std::int64_t seed_ = 0, threads_ = 0;
  bool deterministic_ = false;
};

}  // namespace

std::unique_ptr<Command> bench_step_command() { return std::make_unique<BenchStep>(); }

}  // namespace hikaku
