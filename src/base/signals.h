// Ctrl-C and its kin: the first one asks long loops to stop and save, a later one ends at once.
#pragma once

#include <optional>

#include "base/error.h"

namespace hikaku {

/// Signals within this time are one request: timeout(1) sends one to the process and another one to
/// its group, and so do some shells and job managers.
constexpr int one_request_milliseconds = 300;

/// SIGINT, SIGTERM and SIGHUP (a closed terminal): see above. SIGPIPE and
/// SIGXFSZ are ignored, so that a reader who leaves, or a file beyond the limit of the shell
/// (ulimit -f), is an error of the write (ExitCode::bad_data) and not the end of a training. A
/// signal that was ignored when the program started stays ignored (nohup, background jobs of a
/// shell).
void install_signal_handlers();

/// interrupted after SIGINT, terminated after SIGTERM or SIGHUP, else nothing. Cheap: to be asked
/// once a step, once a picture.
[[nodiscard]] std::optional<ExitCode> stop_requested();

/// Throws an Error with that code if a stop was requested; for loops that have nothing to save
/// themselves.
void stop_if_requested();

}  // namespace hikaku
