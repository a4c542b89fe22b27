// The one clock that all times come from.
#pragma once

#include <chrono>

namespace hikaku {

/// Seconds of a clock that never goes back; only differences mean anything.
inline double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace hikaku
