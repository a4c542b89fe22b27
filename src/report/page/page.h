// The report: one HTML file that holds all it shows and asks for nothing, with or without a script
// being allowed: there is none.
#pragma once

#include <string>

#include "base/locale.h"
#include "report/page/sources.h"

namespace hikaku {

/// The page of these results, of which recorded ones stand in where this machine has no GPU.
/// `language` is the one that is shown first; the page holds both.
[[nodiscard]] std::string render_page(const Sources& sources, Language language);

}  // namespace hikaku
