// Errors: every refusal says what was found, what is allowed, and what to do.
#pragma once

#include <fmt/core.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace hikaku {

/// What the program returns to the shell; the table is in docs/exit-codes.md.
enum class ExitCode : int {
  ok = 0,
  failed = 1,
  usage = 2,
  missing = 3,         ///< the asked device, driver or library is not there
  bad_data = 4,        ///< bad or missing data, or a fault of the file system
  bad_checkpoint = 5,  ///< damaged, or not of this network
  out_of_memory = 7,
  diverged = 8,  ///< a loss or a weight is not finite
  slower = 9,
  unsure = 10,
  internal = 70,
  interrupted = 130,
  terminated = 143,
};

/// Thrown by the libraries; only `main` prints it and exits.
/// `what()` is "<file>[:line]: what was found; what is allowed"; `fix()` is what to do.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& found, std::string fix)
      : std::runtime_error(found), code_(code), fix_(std::move(fix)) {}

  [[nodiscard]] ExitCode code() const { return code_; }
  [[nodiscard]] const std::string& fix() const { return fix_; }

 private:
  ExitCode code_;
  std::string fix_;
};

/// A broken promise inside the program: "[conv2d] weight has 3 input channels, input has 4".
template <class... Args>
void require(bool holds, fmt::format_string<Args...> text, Args&&... args) {
  if (!holds) {
    throw Error(ExitCode::internal, fmt::format(text, std::forward<Args>(args)...),
                "this is a fault of the program: please report it with the command line");
  }
}

}  // namespace hikaku
