#include "base/program.h"

#include "hikaku_revision.h"

namespace hikaku {

const Program& program() {
  static constexpr Program built{HIKAKU_VERSION, HIKAKU_REVISION, HIKAKU_COMPILER, HIKAKU_BUILD};
  return built;
}

}  // namespace hikaku
