#include "report/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hikaku {
namespace {

// Units of the drawing; on a phone one is about a pixel.
constexpr double drawing_width = 400, drawing_height = 250;
constexpr double left = 66, right = 22, top = 12, bottom = 40;

struct Range {
  double low = HUGE_VAL, high = -HUGE_VAL;
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

bool usable(double value, bool log) { return std::isfinite(value) && (!log || value > 0); }

std::string line_class(const Series& series) {
  return fmt::format("curve stroke-{}{}", series.colour, series.dashed ? " dashed" : "");
}

class Drawing {
 public:
  Drawing(const LineChart& chart, const Range& x, const Range& y)
      : chart_(chart), x_(scale(x, chart.log_x)), y_(scale(y, chart.log_y)) {}

  Markup draw() {
    out_.open("figure", {{"class", "chart lines"}}).element("figcaption", chart_.title);
    legend();
    out_.open("svg", {{"viewBox", fmt::format("0 0 {} {}", drawing_width, drawing_height)},
                      {"role", "img"},
                      {"class", "plot"}});
    out_.element("title", {}, both(chart_.title));
    out_.element("desc", {}, both(chart_.description));
    grid();
    marker();
    for (const Series& series : chart_.series) lines(series);
    out_.close("svg").close("figure");
    return std::move(out_);
  }

 private:
  static Scale scale(const Range& range, bool log) {
    if (log) return Scale::logarithmic(range.low, range.high);
    return range.high > range.low ? Scale::between(range.low, range.high)
                                  : Scale::linear(range.low, range.high);
  }
  [[nodiscard]] double px(double value) const {
    return left + x_.place(value) * (drawing_width - left - right);
  }
  [[nodiscard]] double py(double value) const {
    return drawing_height - bottom - y_.place(value) * (drawing_height - top - bottom);
  }

  void line(double x1, double y1, double x2, double y2, std::string_view kind) {
    out_.leaf("line", {{"x1", coordinate(x1)},
                       {"y1", coordinate(y1)},
                       {"x2", coordinate(x2)},
                       {"y2", coordinate(y2)},
                       {"class", std::string(kind)}});
  }
  void words(double x, double y, const char* anchor, const Phrase& content) {
    out_.element("text", {{"x", coordinate(x)}, {"y", coordinate(y)}, {"text-anchor", anchor}},
                 content);
  }

  void grid() {
    for (const double tick : y_.ticks()) {
      line(left, py(tick), drawing_width - right, py(tick), "grid");
      words(left - 5, py(tick) + 4, "end", Phrase::same(chart_.y_format(tick)));
    }
    for (const double tick : x_.ticks()) {
      line(px(tick), drawing_height - bottom, px(tick), drawing_height - bottom + 4, "axis");
      words(px(tick), drawing_height - bottom + 16, "middle", Phrase::same(chart_.x_format(tick)));
    }
    line(left, drawing_height - bottom, drawing_width - right, drawing_height - bottom, "axis");
    words((left + drawing_width - right) / 2, drawing_height - 6, "middle", chart_.x_axis);
    out_.element("text",
                 {{"transform", fmt::format("translate(11 {}) rotate(-90)",
                                            (drawing_height - bottom + top) / 2)},
                  {"text-anchor", "middle"}},
                 chart_.y_axis);
  }

  void marker() {
    if (!chart_.marker) return;
    const double x = px(chart_.marker->x);
    line(x, top, x, drawing_height - bottom, "marker");
    const bool at_right = x > drawing_width / 2;
    words(at_right ? x - 5 : x + 5, top + 12, at_right ? "end" : "start", chart_.marker->text);
  }

  void lines(const Series& series) {
    std::string path;
    bool pen_down = false;
    for (const auto& [x, y] : series.points) {
      if (!usable(x, chart_.log_x) || !usable(y, chart_.log_y)) {
        pen_down = false;
        continue;
      }
      path += fmt::format("{}{} {}", pen_down ? "L" : "M", coordinate(px(x)), coordinate(py(y)));
      pen_down = true;
    }
    if (!series.alone) out_.leaf("path", {{"d", path}, {"class", line_class(series)}});
    for (const auto& [x, y] : series.points) {
      if (!usable(x, chart_.log_x) || !usable(y, chart_.log_y)) continue;
      dot(px(x), py(y), series);
    }
  }

  /// Circles for a whole line, squares for a dashed one.
  void dot(double x, double y, const Series& series) {
    const std::string paint = fmt::format("fill-{}", series.colour);
    const double half = series.alone ? 4.5 : 2.5;
    if (series.dashed) {
      out_.leaf("rect", {{"x", coordinate(x - half)},
                         {"y", coordinate(y - half)},
                         {"width", coordinate(2 * half)},
                         {"height", coordinate(2 * half)},
                         {"class", paint}});
    } else {
      out_.leaf("circle", {{"cx", coordinate(x)},
                           {"cy", coordinate(y)},
                           {"r", coordinate(half)},
                           {"class", paint}});
    }
  }

  void legend() {
    out_.open("ul", {{"class", "legend"}});
    for (const Series& series : chart_.series) {
      out_.open("li").open("svg", {{"width", "26"}, {"height", "12"}, {"aria-hidden", "true"}});
      if (!series.alone) out_.leaf("path", {{"d", "M0 6H26"}, {"class", line_class(series)}});
      dot(13, 6, series);
      out_.close("svg").text(series.name).close("li");
    }
    out_.close("ul");
  }

  const LineChart& chart_;
  Scale x_, y_;
  Markup out_;
};

}  // namespace

Markup draw(const LineChart& chart) {
  Range x, y;
  for (const Series& series : chart.series) {
    for (const auto& [px, py] : series.points) {
      if (!usable(px, chart.log_x) || !usable(py, chart.log_y)) continue;
      x.add(px);
      y.add(py);
    }
  }
  if (x.low > x.high) return {};
  return Drawing(chart, x, y).draw();
}

}  // namespace hikaku
