// A command of the program: `hikaku <name> [options]`. Each is one file in app/commands.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/options.h"
#include "base/console.h"

namespace hikaku {

/// What holds for every command.
struct Settings {
  Language language = Language::en;
  ColorChoice color = ColorChoice::automatic;
  bool quiet = false;
};

struct Context {
  const Settings& settings;
  Console& console;
  std::vector<std::string> command_line;  ///< as it was typed, the program first
};

class Command {
 public:
  struct Description {
    std::string name;  ///< "train", or "data check" for a command of a group
    Text summary;
    std::string example;  ///< a line to copy
  };

  virtual ~Command() = default;
  [[nodiscard]] virtual Description describe() const = 0;
  virtual void declare(Options& options) = 0;
  /// Called once, after the command line was parsed. Results go to write_stdout.
  virtual ExitCode run(Context& context) = 0;

  [[nodiscard]] SettingTable& settings() { return settings_; }

 private:
  SettingTable settings_;  ///< its options
};

/// In the order of the help.
[[nodiscard]] std::vector<std::unique_ptr<Command>> all_commands();

}  // namespace hikaku
