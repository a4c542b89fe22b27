// What the measuring commands share: the device, the frame of a result, and where it goes.
#pragma once

#include <memory>
#include <string>

#include "app/command.h"
#include "nn/model.h"
#include "ops/backend.h"
#include "report/result.h"

namespace hikaku {

/// The device that --device names. Throws ExitCode::missing with the reason where a GPU is asked
/// for and cannot be used.
[[nodiscard]] std::unique_ptr<Backend> open_device(const std::string& device);

/// Throws ExitCode::usage if the device cannot compute in `precision`.
void require_precision(const Backend& device, const std::string& precision);

/// Program, command, machine and their caveats; the measurements are still to come.
[[nodiscard]] Result begin_result(const Context& context, std::int64_t seed);

void add_caveats(const std::vector<Caveat>& caveats, Result& result);

/// Prints the tables, unless JSON takes stdout, and writes the JSON where one is asked for.
void show_result(const Context& context, const Result& result, const std::string& json);

}  // namespace hikaku
