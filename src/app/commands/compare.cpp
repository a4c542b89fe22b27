// hikaku compare: the product and the training, on every device.
#include <algorithm>

#include "app/commands/all.h"
#include "app/comparison.h"
#include "app/devices.h"
#include "app/experiment.h"
#include "app/extras_run.h"
#include "app/json_output.h"
#include "app/sources.h"
#include "app/threads.h"

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
    comparison_.product.declare(options);
    comparison_.training.declare(options);
    options.flag("--quick", quick_,
                 {"fewer samples and steps; what is projected is labelled so",
                  "測定回数とステップを減らす（推定値にはそう表示）"});
    comparison_.declare_energy(options);
    options.devices(devices_);
    options.deterministic(comparison_.deterministic);
    options.seed(seed_);
    options.threads(threads_);
    options.json(json_);
    options.text(
        "--report", report_, "FILE",
        {"the page that shows the result; '' for none", "結果を見せるページ。'' なら作らない"});
  }

  ExitCode run(Context& context) override {
    use_threads(threads_);
    comparison_.training.profile_steps = 5;
    if (quick_) comparison_.shorten();
    const Devices devices =
        open_devices(context, devices_, Auto::all, {"f32", comparison_.deterministic});
    require_target(report_, {json_});
    comparison_.check(context, devices);
    Result result = begin_result(context, seed_, json_, devices);
    try {
      comparison_.run(context, devices, result);
      const std::int64_t n = comparison_.product.n;
      run_sweep_of_sizes(context, devices, std::min<std::int64_t>(n, quick_ ? 1024 : 4096), result);
      run_fooled(context, devices, n, comparison_.training.network(), result);
    } catch (const Error&) {
      // What was measured before took minutes.
      if (!result.matmul.empty()) {
        show_result(context, result, json_);
        const std::string saved = json_.empty() || json_ == "-" ? "above" : "in " + json_;
        context.console.note("what was measured before this error stands " + saved);
      }
      throw;
    }
    show_result(context, result, json_);
    if (!report_.empty()) {
      write_page(result, json_, context.settings.language, report_);
      const bool in_file = !json_.empty() && json_ != "-";
      context.console.note("written: " + (in_file ? json_ + ", " : "") + report_);
    }
    return wrong_product(result) ? ExitCode::failed : ExitCode::ok;
  }

 private:
  Comparison comparison_;
  bool quick_ = false;
  std::vector<std::string> devices_{"auto"};
  std::string json_ = "result.json", report_ = "report.html";
  std::int64_t seed_ = 0, threads_ = 0;
};

}  // namespace

std::unique_ptr<Command> compare_command() { return std::make_unique<Compare>(); }

}  // namespace hikaku
