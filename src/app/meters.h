// The counters of energy of this machine.
#pragma once

#include <string>
#include <vector>

#include "measure/energy.h"

namespace hikaku {

/// The CPU's, and those of the GPUs among `devices` ("cpu", "cuda:0"); with the reason where one
/// cannot be read.
[[nodiscard]] std::vector<OpenMeter> open_meters(const std::vector<std::string>& devices);

}  // namespace hikaku
