// What `hikaku --version` prints.
#pragma once

#include <string>

namespace hikaku {

/// The program, its compiler, and each library as compiled with and as loaded.
[[nodiscard]] std::string version_text();

}  // namespace hikaku
