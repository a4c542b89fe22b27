// The versions of NVIDIA's libraries that the module was built with, and those that it found.
#pragma once

#include <vector>

#include "ops/backend.h"

namespace hikaku::cuda {

[[nodiscard]] std::vector<LibraryVersion> libraries();

}  // namespace hikaku::cuda
