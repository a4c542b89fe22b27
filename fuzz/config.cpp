// Config files: options, which written down say the same again, or a refusal with its line.
#include <CLI/CLI.hpp>

#include "app/commands/all.h"
#include "app/options.h"
#include "base/error.h"

namespace {

using namespace hikaku;

/// `hikaku train` without an option, and what its options refer to.
struct Train {
  CLI::App app;
  std::unique_ptr<Command> command = train_command();

  Train() {
    Options options(app, Language::en, &command->settings());
    command->declare(options);
  }
  SettingTable& settings() { return command->settings(); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string resolved;
  try {
    Train train;
    train.settings().apply(text, "f.toml");
    resolved = train.settings().text({});
  } catch (const Error& error) {
    const bool named = std::string_view(error.what()).starts_with("f.toml:");
    if (error.code() != ExitCode::usage || !named || error.fix().empty()) __builtin_trap();
    return 0;
  }
  Train again;
  again.settings().apply(resolved, "f.toml");
  const bool same = again.settings().text({}) == resolved;
  if (!same || !again.settings().differences(resolved, {}).empty()) __builtin_trap();
  return 0;
}
