// hikaku train: train the U-Net and evaluate it.
#include "app/commands/all.h"
#include "app/devices.h"
#include "app/experiment.h"
#include "app/threads.h"
#include "app/training_run.h"

namespace hikaku {
namespace {

class Train : public Command {
 public:
  Description describe() const override {
    return {"train",
            {"train the U-Net and evaluate it", "U-Net を学習して評価する"},
            "hikaku train --data VOCdevkit/VOC2012_sample --epochs 1"};
  }

  void declare(Options& options) override {
    training_.declare(options);
    options.device(device_);
    options.deterministic(deterministic_);
    options.seed(seed_);
    options.threads(threads_);
    options.json(json_);
  }

  ExitCode run(Context& context) override {
    use_threads(threads_);
    const Devices devices =
        open_devices(context, {device_}, Auto::best, {training_.precision, deterministic_});
    training_.check(context);
    Result result = begin_result(context, seed_, json_, devices.no_gpu);
    training_.run(context, devices.front(), result);
    show_result(context, result, json_);
    return ExitCode::ok;
  }

 private:
  TrainingRun training_;
  std::string device_ = "auto", json_;
  std::int64_t seed_ = 0, threads_ = 0;
  bool deterministic_ = false;
};

}  // namespace

std::unique_ptr<Command> train_command() { return std::make_unique<Train>(); }

}  // namespace hikaku
