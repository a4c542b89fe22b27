// Another program, as a child process.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hikaku {

struct ProcessOutcome {
  int status = 0;        ///< its exit status; 128 + the signal that ended it
  std::string out, err;  ///< all that it wrote
};

/// Runs `words`, the program first, which is looked for in the PATH; its stdin is empty. `variable`
/// ("NAME=value", or empty) goes into its environment. `watch` is called every fifth of a second;
/// where it throws, the child is ended first. Nothing where the program could not be started.
[[nodiscard]] std::optional<ProcessOutcome> run_process(const std::vector<std::string>& words,
                                                        const std::string& variable = {},
                                                        const std::function<void()>& watch = {});

}  // namespace hikaku
