// Pictures of the validation list beside what the network answered.
#pragma once

#include "report/markup.h"
#include "report/page/sources.h"

namespace hikaku {

/// Nothing where no result holds pictures.
[[nodiscard]] Markup picture_rows(const Sources& sources);

}  // namespace hikaku
