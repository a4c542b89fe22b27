// The libraries that this program uses.
#pragma once

#include <map>
#include <string>

#include "measure/machine.h"

namespace hikaku {

/// Those linked, and OpenBLAS, which is opened here; a missing one has `detail` saying so.
[[nodiscard]] std::map<std::string, LibraryFacts> used_libraries();

}  // namespace hikaku
