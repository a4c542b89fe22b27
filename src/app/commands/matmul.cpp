// hikaku matmul: time the matrix product C = A x B.
#include <algorithm>

#include "app/commands/all.h"
#include "app/experiment.h"
#include "app/extras_run.h"
#include "app/product_run.h"
#include "app/threads.h"

namespace hikaku {
namespace {

class MatmulCommand : public Command {
 public:
  Description describe() const override {
    return {"matmul",
            {"time the matrix product C = A x B", "行列の積 C = A x B の時間を測る"},
            "hikaku matmul --n 4000 --dtype f32"};
  }

  void declare(Options& options) override {
    product_.declare(options);
    options.integer("--samples", samples_, 1, 10'000,
                    {"stop after so many samples", "測定の回数の上限"});
    options.flag(
        "--sweep", sweep_,
        {"also at many sizes up to --n, in f32", "--n までのいろいろな大きさでも測る（f32）"});
    options.device(device_);
    options.seed(seed_);
    options.threads(threads_);
    options.json(json_);
  }

  ExitCode run(Context& context) override {
    use_threads(threads_);
    require_product(device_);
    Result result = begin_result(context, seed_, json_);
    product_.stopping.max_samples = static_cast<int>(samples_);
    product_.stopping.min_samples =
        std::min(product_.stopping.min_samples, product_.stopping.max_samples);
    product_.run(context, result);
    if (sweep_) run_sweep_of_sizes(context, product_.n, result);
    show_result(context, result, json_);
    return wrong_product(result) ? ExitCode::failed : ExitCode::ok;
  }

 private:
  ProductRun product_;
  std::string device_ = "auto", json_;
  bool sweep_ = false;
  std::int64_t samples_ = StoppingRule{}.max_samples, seed_ = 0, threads_ = 0;
};

}  // namespace

std::unique_ptr<Command> matmul_command() { return std::make_unique<MatmulCommand>(); }

}  // namespace hikaku
