#include "app/version.h"

#include <fmt/format.h>

#include "base/program.h"

namespace hikaku {

std::string version_text() {
  const Program& built = program();
  return fmt::format("hikaku {} ({})\n  compiler  {}, {}\n", built.version, built.revision,
                     built.compiler, built.build);
}

}  // namespace hikaku
