// Charts made of rows: bars with their spread, stacked bars, and strips of samples under a box. A
// row is text and a drawing as wide as the page allows, so that letters keep their size on a phone.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "report/markup.h"
#include "report/scale.h"

namespace hikaku {

/// A part of a stacked bar, or the whole of a plain one.
struct Segment {
  double size = 0;
  std::string_view colour;  ///< of the palette
  Phrase name;              ///< in the legend; of a plain bar empty
};

struct ChartRow {
  Phrase name, note;  ///< the note stands small below the name
  std::vector<Segment> segments;
  Phrase value;  ///< what stands beside the bar
  double low = std::numeric_limits<double>::quiet_NaN(), high = low;  ///< the spread's whisker
  std::vector<double> samples;                                        ///< of a strip
  std::string_view colour = "cpu";                                    ///< of a strip
  bool recorded = false;                                              ///< on another machine
};

struct RowChart {
  Phrase title;
  Phrase axis;  ///< what grows to the right, with its unit
  Format format;
  std::vector<ChartRow> rows;
  bool from_zero = true;  ///< a strip may begin elsewhere, a bar may not
  double reach = 0;  ///< the axis goes so far at least: charts that are compared have one scale
};

/// A <figure>. Rows without a finite length have no bar. Nothing where there are no rows.
[[nodiscard]] Markup draw(const RowChart& chart);

}  // namespace hikaku
