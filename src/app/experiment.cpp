#include "app/experiment.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <ctime>

#include "app/json_output.h"
#include "app/libraries.h"
#include "base/program.h"
#include "cpu/backend.h"
#include "report/terminal.h"

namespace hikaku {

std::unique_ptr<Backend> open_device(const std::string& device) {
  if (device == "auto" || device == "cpu") return make_cpu_backend();
  const auto no_gpu = why_no_gpu();
  throw Error(ExitCode::missing,
              fmt::format("--device {}: {}", device,
                          no_gpu ? no_gpu->text : "this build has no module for NVIDIA GPUs"),
              "--device cpu runs on the CPU; hikaku info tells what is missing");
}

void require_precision(const Backend& device, const std::string& precision) {
  if (precision == "f32") return;
  throw Error(ExitCode::usage,
              fmt::format("--precision {}: {} computes in f32", precision, device.name()),
              "ask for f32, or for another device");
}

Result begin_result(const Context& context, std::int64_t seed) {
  Result result;
  const Program& built = program();
  result.program.version = fmt::format("{} ({})", built.version, built.revision);
  result.program.started = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  result.command = context.command_line;
  result.seed = static_cast<std::uint64_t>(seed);
  result.machine = describe_machine();
  result.machine.libraries.merge(used_libraries());
  result.caveats = build_caveats();
  add_caveats(machine_caveats(result.machine), result);
  return result;
}

void add_caveats(const std::vector<Caveat>& caveats, Result& result) {
  result.caveats.insert(result.caveats.end(), caveats.begin(), caveats.end());
}

void show_result(const Context& context, const Result& result, const std::string& json) {
  const Terminal out = inspect_terminal(STDOUT_FILENO, context.settings.color);
  if (json != "-") {
    write_stdout(render_terminal(result, {context.settings.language, out.color, out.width}));
  }
  if (!json.empty()) write_json(write_result(result), json);
}

}  // namespace hikaku
