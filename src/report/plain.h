// A result as plain tables, for a wiki or a spreadsheet. In English, as the keys of result.json.
#pragma once

#include <string>

#include "report/page/sources.h"

namespace hikaku {

/// One row for each figure: file, name, device, unit, samples, median, min and MAD. RFC 4180;
/// a text that a spreadsheet would take for a formula gets an apostrophe before it. What was not
/// measured is empty.
[[nodiscard]] std::string render_csv(const Sources& sources);

/// As GitHub's Markdown the times, the quality, the parts of a step and the energy, with the
/// machine and the caveats of each result.
[[nodiscard]] std::string render_markdown(const Sources& sources);

}  // namespace hikaku
