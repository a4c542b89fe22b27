// Tables of the terminal as rows of cells, the heading first.
#pragma once

#include <string>
#include <vector>

#include "report/result.h"
#include "report/texts.h"

namespace hikaku {

using Rows = std::vector<std::vector<std::string>>;

/// The parts of a profiled step, a column for each training; nothing where none was profiled.
[[nodiscard]] Rows phase_rows(const std::vector<UnetResult>& all, Language language);
/// Nothing where no work was counted.
[[nodiscard]] Rows energy_rows(const EnergyReport& report, Language language);

}  // namespace hikaku
