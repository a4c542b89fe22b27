// The look of the page.
#pragma once

#include <string>

namespace hikaku {

/// All rules of the page; of constants alone, so that its digest can stand in the page's policy.
[[nodiscard]] std::string page_rules();

}  // namespace hikaku
