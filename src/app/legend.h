// Which colour is which class.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/locale.h"
#include "data/classes.h"

namespace hikaku {

/// A picture of the classes that occur, with their colours and shares of all pixels.
[[nodiscard]] std::vector<std::uint8_t> legend_svg(const std::map<int, std::int64_t>& pixels,
                                                   const Classes& classes, Language language);
/// The same as lines, the largest first.
[[nodiscard]] std::string legend_text(const std::map<int, std::int64_t>& pixels,
                                      const Classes& classes);

}  // namespace hikaku
