// A result as plain tables, for a wiki or a spreadsheet. In English, as the keys of result.json.
#pragma once

#include <string>

#include "report/page/sources.h"

namespace hikaku {

/// One row for each figure: file, name, device, samples, median, min and MAD in seconds. RFC 4180;
/// a text that a spreadsheet would take for a formula gets an apostrophe before it. What was not
/// measured is empty.
[[nodiscard]] std::string render_csv(const Sources& sources);

/// The same as GitHub's Markdown, with the machine, the quality and the caveats of each result.
[[nodiscard]] std::string render_markdown(const Sources& sources);

}  // namespace hikaku
