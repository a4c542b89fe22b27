// The colours of the page, light and dark, and which of them must stand out from which. The test
// computes the contrasts (WCAG 2.1, 1.4.3 and 1.4.11).
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace hikaku {

struct PageColour {
  std::string_view name;         ///< of the CSS variable, without the dashes
  std::string_view light, dark;  ///< "#rrggbb"
};

inline constexpr std::array page_colours{
    PageColour{"page", "#f6f7f9", "#0f141a"},  PageColour{"card", "#ffffff", "#182029"},
    PageColour{"ink", "#16202b", "#e8edf2"},   PageColour{"soft", "#52606d", "#a3b1bf"},
    PageColour{"line", "#d5dbe1", "#344150"},  PageColour{"axis", "#7b8794", "#71808f"},
    PageColour{"cpu", "#1f6fb5", "#5aa9e6"},   PageColour{"gpu", "#b84a06", "#ff9d4d"},
    PageColour{"third", "#0b7a5e", "#3fc6a0"}, PageColour{"fourth", "#8a3f96", "#d08be0"},
    PageColour{"fifth", "#8a6a00", "#d9b53a"}, PageColour{"rest", "#75818d", "#7f8d9b"},
    PageColour{"good", "#1a7340", "#5cc98a"},  PageColour{"bad", "#b3261e", "#ff8a80"},
    PageColour{"link", "#1659a3", "#8cc4ff"},
};

/// `colour` on `ground` reaches `ratio`: 4.5 for text, 3 for what a chart is made of.
struct Contrast {
  std::string_view colour, ground;
  double ratio;
};

inline constexpr std::array contrasts{
    Contrast{"ink", "page", 7},    Contrast{"ink", "card", 7},    Contrast{"soft", "page", 4.5},
    Contrast{"soft", "card", 4.5}, Contrast{"good", "card", 4.5}, Contrast{"bad", "card", 4.5},
    Contrast{"link", "page", 4.5}, Contrast{"link", "card", 4.5}, Contrast{"cpu", "card", 4.5},
    Contrast{"gpu", "card", 4.5},  Contrast{"third", "card", 3},  Contrast{"fourth", "card", 3},
    Contrast{"fifth", "card", 3},  Contrast{"rest", "card", 3},   Contrast{"axis", "card", 3},
    Contrast{"cpu", "page", 4.5},  Contrast{"gpu", "page", 4.5},
};

/// (L1 + 0.05) / (L2 + 0.05) of the relative luminances of two "#rrggbb".
[[nodiscard]] double contrast_ratio(std::string_view first, std::string_view second);

/// The custom properties of both schemes, as CSS.
[[nodiscard]] std::string palette_rules();

}  // namespace hikaku
