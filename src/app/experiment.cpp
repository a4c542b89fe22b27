#include "app/experiment.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <ctime>

#include "app/json_output.h"
#include "app/libraries.h"
#include "base/program.h"
#include "report/terminal.h"

namespace hikaku {

Result begin_result(const Context& context, std::int64_t seed, const std::string& json,
                    const Devices& devices) {
  require_target(json);
  Result result;
  const Program& built = program();
  result.program.version = fmt::format("{} ({})", built.version, built.revision);
  result.program.started = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  result.command = context.command_line;
  result.seed = static_cast<std::uint64_t>(seed);
  result.machine = describe_machine();
  if (devices.no_gpu) {
    result.machine.no_gpu = devices.no_gpu;
    context.console.note("no GPU is used: " + devices.no_gpu->text);
  }
  result.machine.libraries.merge(used_libraries());
  for (const auto& device : devices.opened) {
    for (const LibraryVersion& library : device->libraries()) {
      result.machine.libraries[library.name] = {library.compiled, library.loaded, ""};
    }
  }
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
