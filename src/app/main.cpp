// The only place that prints errors and chooses the exit status.
#include <unistd.h>

#include <exception>
#include <new>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "base/console.h"
#include "base/signals.h"

namespace hikaku {
namespace {

ExitCode run(const std::vector<std::string>& words, Settings& settings) {
  const CommandLine parsed = parse_command_line(words, settings);
  if (parsed.command == nullptr) {
    write_stdout(parsed.text);
    return ExitCode::ok;
  }
  Console console(STDERR_FILENO, inspect_terminal(STDERR_FILENO, settings.color), settings.quiet);
  Context context{settings, console, words};
  return parsed.command->run(context);
}

int fail(const Settings& settings, ExitCode code, const std::string& found,
         const std::string& fix) {
  Console(STDERR_FILENO, inspect_terminal(STDERR_FILENO, settings.color), settings.quiet)
      .error(found, fix);
  return static_cast<int>(code);
}

int run_to_status(const std::vector<std::string>& words) {
  Settings settings;
  const char* const report =
      "this is a fault of the program: please report it with the command line";
  try {
    return static_cast<int>(run(words, settings));
  } catch (const Error& error) {
    return fail(settings, error.code(), error.what(), error.fix());
  } catch (const std::bad_alloc&) {
    return fail(settings, ExitCode::out_of_memory, "memory: the system gives no more of it",
                "close other programs, or choose a smaller --n, --batch-size or --size");
  } catch (const std::exception& error) {
    return fail(settings, ExitCode::internal, error.what(), report);
  } catch (...) {
    return fail(settings, ExitCode::internal, "something was thrown that is not an exception",
                report);
  }
}

}  // namespace
}  // namespace hikaku

int main(int argc, char** argv) {
  hikaku::reserve_standard_streams();
  hikaku::install_signal_handlers();
  return hikaku::run_to_status({argv, argv + argc});
}
