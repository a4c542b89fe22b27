// hikaku info: what this machine offers, and what is missing.
#include <fmt/format.h>

#include <utility>

#include "app/commands/all.h"
#include "app/experiment.h"
#include "app/meters.h"
#include "app/threads.h"
#include "app/version.h"

namespace hikaku {
namespace {

class Info : public Command {
 public:
  Description describe() const override {
    return {"info",
            {"devices, libraries, and what is missing", "装置、ライブラリと、足りないもの"},
            "hikaku info"};
  }

  void declare(Options& options) override {
    options.threads(threads_);
    options.json(json_);
  }

  ExitCode run(Context& context) override {
    use_threads(threads_);
    Devices devices = open_devices(context, {"auto"}, Auto::all, {});
    const auto no_gpu = std::exchange(devices.no_gpu, {});  // the table says it
    Result result = begin_result(context, 0, json_, devices);
    if (no_gpu) result.machine.no_gpu = no_gpu;
    if (json_ != "-") write_stdout(version_text(result.machine.libraries) + "\n");
    std::vector<std::string> gpus;
    for (std::size_t i = 0; i < result.machine.gpus.size(); ++i) {
      gpus.push_back(fmt::format("cuda:{}", i));
    }
    result.energy.emplace();
    for (const OpenMeter& meter : open_meters(gpus)) result.energy->meters.push_back(meter.facts);
    show_result(context, result, json_);
    return ExitCode::ok;
  }

 private:
  std::string json_;
  std::int64_t threads_ = 0;
};

}  // namespace

std::unique_ptr<Command> info_command() { return std::make_unique<Info>(); }

}  // namespace hikaku
