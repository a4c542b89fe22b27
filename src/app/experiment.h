// What the measuring commands share: the frame of a result, and where it goes.
#pragma once

#include <string>

#include "app/command.h"
#include "app/devices.h"
#include "report/result.h"

namespace hikaku {

/// Program, command, machine and their caveats; the measurements are still to come. Throws if
/// `json` cannot be written, so that no measurement is lost to that. Why no GPU is used is said on
/// the console.
[[nodiscard]] Result begin_result(const Context& context, std::int64_t seed,
                                  const std::string& json, const Devices& devices);

void add_caveats(const std::vector<Caveat>& caveats, Result& result);

/// Prints the tables, unless JSON takes stdout, and writes the JSON where one is asked for.
void show_result(const Context& context, const Result& result, const std::string& json);

}  // namespace hikaku
