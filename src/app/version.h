// What `hikaku --version` prints.
#pragma once

#include <string>

#include "app/libraries.h"

namespace hikaku {

/// The program, its compiler, and each library as compiled with and as loaded.
[[nodiscard]] std::string version_text(
    const std::map<std::string, LibraryFacts>& libraries = used_libraries());

}  // namespace hikaku
