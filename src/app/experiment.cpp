#include "app/experiment.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <ctime>

#include "app/json_output.h"
#include "app/libraries.h"
#include "base/program.h"
#include "base/tuning.h"
#include "cpu/backend.h"
#include "device/cuda_module.h"
#include "report/terminal.h"

namespace hikaku {

namespace {

std::unique_ptr<Backend> open_cpu(const std::string& precision) {
  if (precision.empty() || precision == "f32") return make_cpu_backend();
  throw Error(ExitCode::usage, fmt::format("--precision {}: cpu computes in f32", precision),
              "ask for f32, or for another device");
}

Precision precision_of(const std::string& name) {
  for (const auto precision :
       {Precision::f32, Precision::f32x, Precision::tf32, Precision::bf16, Precision::f16}) {
    if (name == name_of(precision)) return precision;
  }
  return Precision::tf32;
}

/// `device` is "cuda" or "cuda:N".
std::unique_ptr<Backend> open_gpu(const std::string& device, const std::string& precision) {
  if (const auto no_gpu = why_no_gpu()) {
    throw Error(ExitCode::missing, fmt::format("--device {}: {}", device, no_gpu->text),
                "--device cpu runs on the CPU; hikaku info tells what is missing");
  }
  CudaOptions options;
  const std::size_t colon = device.find(':');
  if (colon != std::string::npos) {
    std::from_chars(device.data() + colon + 1, device.data() + device.size(), options.device);
  }
  options.precision = precision_of(precision);
  options.tuning_file = default_tuning_file();
  return open_cuda(options);
}

}  // namespace

std::unique_ptr<Backend> open_device(const std::string& device, const std::string& precision) {
  if (device == "cpu") return open_cpu(precision);
  if (device != "auto") return open_gpu(device, precision);
  try {
    return open_gpu("cuda", precision);
  } catch (const Error& error) {
    if (error.code() != ExitCode::missing) throw;
    return open_cpu(precision);
  }
}

Result begin_result(const Context& context, std::int64_t seed, const std::string& json) {
  require_json_target(json);
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
