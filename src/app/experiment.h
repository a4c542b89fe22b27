// What the measuring commands share: the device, the frame of a result, and where it goes.
#pragma once

#include <memory>
#include <string>

#include "app/command.h"
#include "nn/model.h"
#include "ops/backend.h"
#include "report/result.h"

namespace hikaku {

/// The device that --device names, computing in `precision`; "" is the device's own default: f32 on
/// the CPU, tf32 on a GPU. `auto` is a GPU where one can be used. Throws ExitCode::missing with the
/// reason where a GPU is asked for and cannot be used, ExitCode::usage if the device cannot compute
/// in that precision.
[[nodiscard]] std::unique_ptr<Backend> open_device(const std::string& device,
                                                   const std::string& precision);

/// Program, command, machine and their caveats; the measurements are still to come. Throws if
/// `json` cannot be written, so that no measurement is lost to that.
[[nodiscard]] Result begin_result(const Context& context, std::int64_t seed,
                                  const std::string& json);

void add_caveats(const std::vector<Caveat>& caveats, Result& result);

/// Prints the tables, unless JSON takes stdout, and writes the JSON where one is asked for.
void show_result(const Context& context, const Result& result, const std::string& json);

}  // namespace hikaku
