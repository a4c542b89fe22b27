// The look of the page.
#pragma once

#include <string>

namespace hikaku {

/// The rules that every page has.
[[nodiscard]] std::string page_rules();

}  // namespace hikaku
