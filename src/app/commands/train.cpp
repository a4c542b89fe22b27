// hikaku train: train the U-Net and evaluate it, epoch by epoch.
#include "app/commands/all.h"
#include "app/devices.h"
#include "app/experiment.h"
#include "app/threads.h"
#include "app/trainer_run.h"

namespace hikaku {
namespace {

class Train : public Command {
 public:
  Description describe() const override {
    return {"train",
            {"train the U-Net and evaluate it", "U-Net を学習して評価する"},
            "hikaku train --data VOCdevkit/VOC2012_sample --epochs 20 --out run"};
  }

  void declare(Options& options) override { training_.declare(options); }

  ExitCode run(Context& context) override {
    training_.settle(context, settings());
    use_threads(training_.threads);
    const Devices devices = open_devices(context, {training_.device}, Auto::best,
                                         {training_.precision, training_.deterministic});
    training_.check(context);
    Result result = begin_result(context, training_.seed, training_.json, devices);
    training_.run(context, devices.front(), result);
    if (result.unet.empty()) return ExitCode::ok;  // nothing was to do: what is there stays
    show_result(context, result, training_.json);
    return ExitCode::ok;
  }

 private:
  TrainerRun training_;
};

}  // namespace

std::unique_ptr<Command> train_command() { return std::make_unique<Train>(); }

}  // namespace hikaku
