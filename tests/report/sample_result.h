// A result with something in every field.
#pragma once

#include "report/result.h"

namespace hikaku {

[[nodiscard]] Result sample_result();

}  // namespace hikaku
