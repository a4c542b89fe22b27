#include "report/palette.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hikaku {
namespace {

double channel(std::string_view colour, std::size_t at) {
  const auto digit = [&](std::size_t i) {
    const char c = colour[i];
    return c <= '9' ? c - '0' : c - 'a' + 10;
  };
  const double value = (16 * digit(at) + digit(at + 1)) / 255.0;
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(std::string_view colour) {
  return 0.2126 * channel(colour, 1) + 0.7152 * channel(colour, 3) + 0.0722 * channel(colour, 5);
}

std::string properties(std::string_view PageColour::*scheme) {
  std::string rules;
  for (const PageColour& colour : page_colours) {
    rules += fmt::format("--{}:{};", colour.name, colour.*scheme);
  }
  return rules;
}

}  // namespace

double contrast_ratio(std::string_view first, std::string_view second) {
  const auto [low, high] = std::minmax({luminance(first), luminance(second)});
  return (high + 0.05) / (low + 0.05);
}

std::string palette_rules() {
  const std::string light = properties(&PageColour::light);
  // Paper is white, whatever the screen is.
  return fmt::format(
      ":root{{color-scheme:light dark;{0}}}\n"
      "@media screen and (prefers-color-scheme:dark){{:root{{{1}}}}}\n"
      "@media print{{:root{{color-scheme:light}}}}\n",
      light, properties(&PageColour::dark));
}

}  // namespace hikaku
