// Lines over two axes, each linear or logarithmic: losses by step, times by size.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "report/markup.h"
#include "report/scale.h"

namespace hikaku {

struct Series {
  Phrase name;
  std::string_view colour;  ///< of the palette
  std::vector<std::pair<double, double>> points;
  bool dashed = false;  ///< so that a line can be told without its colour
  bool alone = false;   ///< points without a line between them, larger
};

/// A place on the x axis that means something: where two lines cross.
struct Marker {
  double x;
  Phrase text;
};

struct LineChart {
  Phrase title, description;  ///< the description is the text alternative
  Phrase x_axis, y_axis;      ///< with their units
  Format x_format, y_format;
  bool log_x = false, log_y = false;
  std::vector<Series> series;
  std::optional<Marker> marker;
};

/// A <figure>. Points that are not finite, or not above 0 on a log axis, break their line. Nothing
/// where no point is left.
[[nodiscard]] Markup draw(const LineChart& chart);

}  // namespace hikaku
