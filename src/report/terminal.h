// A result as text for a terminal of 80 columns.
#pragma once

#include <string>

#include "report/result.h"
#include "report/texts.h"

namespace hikaku {

struct TerminalStyle {
  Language language = Language::en;
  bool colour = false;
  int width = 80;
};

/// Machine, products, U-Net, speed-ups, why there is no GPU, caveats; what was not run is left out.
[[nodiscard]] std::string render_terminal(const Result& result, const TerminalStyle& style);

}  // namespace hikaku
