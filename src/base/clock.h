// The one clock of the program: steady, in seconds.
#pragma once

#include <chrono>

namespace hikaku {

/// Seconds since an arbitrary moment; never goes back.
inline double clock_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace hikaku
