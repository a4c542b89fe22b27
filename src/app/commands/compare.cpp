// hikaku compare: the product and the training, on every device.
#include <algorithm>

#include "app/commands/all.h"
#include "app/experiment.h"
#include "app/extras_run.h"
#include "app/json_output.h"
#include "app/product_run.h"
#include "app/sources.h"
#include "app/threads.h"
#include "app/training_run.h"

namespace hikaku {
namespace {

class Compare : public Command {
 public:
  Description describe() const override {
    return {"compare",
            {"the product and the training, on every device", "行列の積と学習を、全装置で比べる"},
            "hikaku compare --quick"};
  }

  void declare(Options& options) override {
    product_.declare(options);
    training_.declare(options);
    options.flag("--quick", quick_,
                 {"fewer samples and steps; what is projected is labelled so",
                  "測定回数とステップを減らす（推定値にはそう表示）"});
    options.device(device_);
    options.seed(seed_);
    options.threads(threads_);
    options.json(json_);
    options.text(
        "--report", report_, "FILE",
        {"the page that shows the result; '' for none", "結果を見せるページ。'' なら作らない"});
  }

  ExitCode run(Context& context) override {
    use_threads(threads_);
    if (quick_) {
      product_.stopping = {.min_samples = 3, .max_samples = 5, .budget_seconds = 3};
      training_.max_train_steps = 4;
      training_.max_eval_steps = 2;
    }
    const auto device = open_device(device_, training_.precision);
    training_.check(context);
    require_json_target(report_);
    Result result = begin_result(context, seed_, json_);
    product_.run(context, result);
    training_.run(context, *device, result);
    run_sweep_of_sizes(context, std::min<std::int64_t>(product_.n, quick_ ? 1024 : 4096), result);
    run_fooled(context, result);
    show_result(context, result, json_);
    if (!report_.empty()) {
      write_page(result, json_, context.settings.language, report_);
      context.console.note(report_);
    }
    return wrong_product(result) ? ExitCode::failed : ExitCode::ok;
  }

 private:
  ProductRun product_;
  TrainingRun training_;
  bool quick_ = false;
  std::string device_ = "auto", json_ = "result.json", report_ = "report.html";
  std::int64_t seed_ = 0, threads_ = 0;
};

}  // namespace

std::unique_ptr<Command> compare_command() { return std::make_unique<Compare>(); }

}  // namespace hikaku
