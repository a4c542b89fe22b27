// Where the time of a training step goes.
#pragma once

#include "report/markup.h"
#include "report/page/sources.h"

namespace hikaku {

/// Stacked bars and a table of the profiled steps of these trainings; nothing where none was
/// profiled.
[[nodiscard]] Markup phases_chart(const Sources& sources, const Workload& group);

}  // namespace hikaku
