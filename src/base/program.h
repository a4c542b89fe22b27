// Which build of the program this is.
#pragma once

namespace hikaku {

struct Program {
  const char* version;   ///< "0.1.0"
  const char* revision;  ///< of git, with "-dirty" where files were changed; "unknown" outside git
  const char* compiler;  ///< "GNU 12.2.0"
  const char* build;     ///< CMake's build type and what was added: "Release", "Debug address"
};

[[nodiscard]] const Program& program();

}  // namespace hikaku
