// How many CPU threads a command uses.
#pragma once

#include <cstdint>

namespace hikaku {

/// Lets OpenMP use `asked` threads, or as many as this process may run on for 0; their number.
int use_threads(std::int64_t asked);

}  // namespace hikaku
