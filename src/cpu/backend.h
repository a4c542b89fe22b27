// The CPU as a device of the planner.
#pragma once

#include <memory>

#include "ops/backend.h"

namespace hikaku {

[[nodiscard]] std::unique_ptr<Backend> make_cpu_backend();

}  // namespace hikaku
