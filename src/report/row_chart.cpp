#include "report/row_chart.h"

#include <fmt/format.h>

#include <algorithm>

#include "measure/samples.h"

namespace hikaku {
namespace {

constexpr double bar_height = 20;

double length_of(const ChartRow& row) {
  double length = 0;
  for (const Segment& segment : row.segments) {
    if (std::isfinite(segment.size)) length += segment.size;
  }
  return length;
}

/// The place on the axis as a share of the drawing; a little is left for what sits on the edge.
std::string at(const Scale& scale, double value) {
  return coordinate(std::clamp(98 * scale.place(value) + 1, 0.0, 100.0)) + "%";
}

std::string width(const Scale& scale, double from, double to) {
  return coordinate(std::max(98 * (scale.place(to) - scale.place(from)), 0.0)) + "%";
}

std::string fill(std::string_view colour) { return fmt::format("fill-{}", colour); }

void draw_bar(const ChartRow& row, const Scale& scale, Markup& out) {
  double from = 0;
  for (const Segment& segment : row.segments) {
    if (!(segment.size > 0) || !std::isfinite(segment.size)) continue;
    const Markup::Attributes place{{"x", at(scale, from)},
                                   {"y", "3"},
                                   {"width", width(scale, from, from + segment.size)},
                                   {"height", coordinate(bar_height)}};
    auto attributes = place;
    attributes.emplace_back("class", fill(segment.colour) + " part");
    out.open("rect", attributes);
    if (!segment.name.en.empty()) out.element("title", {}, both(segment.name));
    out.close("rect");
    if (row.recorded) {
      attributes = place;
      attributes.emplace_back("fill", "url(#hatch)");
      out.leaf("rect", attributes);
    }
    from += segment.size;
  }
}

void draw_line(const std::string& x1, const std::string& x2, double y1, double y2,
               std::string_view kind, Markup& out) {
  out.leaf("line", {{"x1", x1},
                    {"x2", x2},
                    {"y1", coordinate(y1)},
                    {"y2", coordinate(y2)},
                    {"class", std::string(kind)}});
}

void draw_whisker(const ChartRow& row, const Scale& scale, Markup& out) {
  if (!std::isfinite(row.low) || !std::isfinite(row.high)) return;
  const std::string low = at(scale, row.low), high = at(scale, row.high);
  draw_line(low, high, 13, 13, "whisker", out);
  draw_line(low, low, 9, 17, "whisker", out);
  draw_line(high, high, 9, 17, "whisker", out);
}

double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// The middle half as a box, the median as a line, each sample as a dot.
void draw_strip(const ChartRow& row, const Scale& scale, Markup& out) {
  std::vector<double> sorted;
  std::copy_if(row.samples.begin(), row.samples.end(), std::back_inserter(sorted),
               [](double value) { return std::isfinite(value); });
  if (sorted.empty()) return;
  std::sort(sorted.begin(), sorted.end());
  const double low = quantile(sorted, 0.25), high = quantile(sorted, 0.75);
  out.leaf("rect", {{"x", at(scale, low)},
                    {"y", "3"},
                    {"width", width(scale, low, high)},
                    {"height", coordinate(bar_height)},
                    {"class", "box"}});
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    // Three lanes, so that equal samples do not hide each other.
    out.leaf("circle", {{"cx", at(scale, sorted[i])},
                        {"cy", coordinate(8 + 5.0 * static_cast<double>(i % 3))},
                        {"r", "2.5"},
                        {"class", fill(row.colour) + " dot"}});
  }
  const std::string median = at(scale, median_of(sorted));
  draw_line(median, median, 1, bar_height + 5, "median", out);
}

void draw_row(const ChartRow& row, const Scale& scale, Markup& out) {
  out.open("li").open("span", {{"class", "name"}}).text(row.name);
  if (!row.note.en.empty()) out.element("small", row.note);
  out.close("span");
  out.open("svg", {{"class", "bar"}, {"height", coordinate(bar_height + 6)}, {"role", "img"}});
  out.element("title", {}, both(joined(row.name, row.note) + Phrase::same(": ") + row.value));
  draw_bar(row, scale, out);
  draw_strip(row, scale, out);
  draw_whisker(row, scale, out);
  out.close("svg").element("span", {{"class", "value"}}, row.value).close("li");
}

void draw_axis(const RowChart& chart, const Scale& scale, Markup& out) {
  out.open("li", {{"class", "axis"}}).element("span", {{"class", "name"}}, chart.axis);
  out.open("svg", {{"class", "bar"}, {"height", "22"}, {"aria-hidden", "true"}});
  draw_line("1%", "99%", 1, 1, "axis", out);
  const auto ticks = scale.ticks(4);
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const double share = scale.place(ticks[i]);
    if (share < -1e-9 || share > 1 + 1e-9) continue;
    const std::string x = at(scale, ticks[i]);
    draw_line(x, x, 1, 5, "axis", out);
    const char* anchor = share < 0.1 ? "start" : share > 0.9 ? "end" : "middle";
    out.element("text", {{"x", x}, {"y", "18"}, {"text-anchor", anchor}},
                ticks[i] == 0 ? "0" : chart.format(ticks[i]));
  }
  out.close("svg").element("span", {{"class", "value"}}, "").close("li");
}

/// The names of stacked parts, each once, in the order of the first row that has it.
void draw_legend(const RowChart& chart, Markup& out) {
  std::vector<const Segment*> shown;
  for (const ChartRow& row : chart.rows) {
    for (const Segment& segment : row.segments) {
      const bool known = std::any_of(shown.begin(), shown.end(), [&](const Segment* other) {
        return other->name.en == segment.name.en;
      });
      if (!segment.name.en.empty() && !known) shown.push_back(&segment);
    }
  }
  if (shown.empty()) return;
  out.open("ul", {{"class", "legend"}});
  for (const Segment* segment : shown) {
    out.open("li").open("svg", {{"width", "12"}, {"height", "12"}, {"aria-hidden", "true"}});
    out.leaf("rect", {{"width", "12"}, {"height", "12"}, {"class", fill(segment->colour)}});
    out.close("svg").text(segment->name).close("li");
  }
  out.close("ul");
}

Scale scale_of(const RowChart& chart) {
  double lowest = HUGE_VAL, highest = chart.reach;
  for (const ChartRow& row : chart.rows) {
    highest = std::max(highest, length_of(row));
    if (std::isfinite(row.high)) highest = std::max(highest, row.high);
    for (const double sample : row.samples) {
      if (!std::isfinite(sample)) continue;
      lowest = std::min(lowest, sample);
      highest = std::max(highest, sample);
    }
  }
  if (chart.from_zero || !(lowest > 0) || lowest >= highest) return Scale::linear(0, highest);
  return Scale::between(lowest, highest);
}

}  // namespace

Markup draw(const RowChart& chart) {
  Markup out;
  if (chart.rows.empty()) return out;
  out.open("figure", {{"class", "chart"}}).element("figcaption", chart.title);
  draw_legend(chart, out);
  const Scale scale = scale_of(chart);
  out.open("ul", {{"class", "rows"}});
  for (const ChartRow& row : chart.rows) draw_row(row, scale, out);
  draw_axis(chart, scale, out);
  out.close("ul").close("figure");
  return out;
}

}  // namespace hikaku
