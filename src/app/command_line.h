// From the words of the command line to a command that is ready to run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/command.h"

namespace hikaku {

struct CommandLine {
  std::unique_ptr<Command> command;  ///< null where the user asked for `text` only
  std::string text;                  ///< the help or the version
};

/// `words` begins with the program's name. `settings` is filled as far as the words are good, also
/// when this throws ExitCode::usage.
[[nodiscard]] CommandLine parse_command_line(const std::vector<std::string>& words,
                                             Settings& settings);

/// The one of `all` that is most like `word` by edits of a letter; "" if none is near.
[[nodiscard]] std::string nearest(const std::string& word, const std::vector<std::string>& all);

}  // namespace hikaku
