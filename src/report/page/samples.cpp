// Every sample that was taken, on demand.
#include <algorithm>

#include "report/figures.h"
#include "report/page/sections.h"
#include "report/row_chart.h"
#include "report/units.h"

namespace hikaku {

Markup samples_section(const Sources& sources) {
  Markup out;
  open_section(out, "samples", {"All samples", "すべての測定値"});
  paragraph(out,
            {"Each dot is one measurement, the box holds the middle half of them, the line is "
             "the median. None was thrown away. \"wrong\" and \"right\" are those of \"How to be "
             "fooled\".",
             "点は 1 回ごとの測定、箱はその中央の半分、線は中央値です。捨てた測定はありません。"
             "wrong と right は「だまされる方法」のものです。"});
  bool any = false;
  for (const Source& source : sources) {
    std::vector<Figure> figures = figures_of(source.result);
    for (Figure& further : further_figures_of(source.result)) figures.push_back(std::move(further));
    for (const Figure& figure : figures) {
      if (figure.values.values.size() < 2) continue;
      RowChart chart{noted(sources, source, Phrase::same(figure.name)),
                     {"time", "時間"},
                     pretty_seconds,
                     {},
                     false};
      chart.rows.push_back({.name = say("{} samples", "{} 回", figure.values.values.size()),
                            .note = {},
                            .segments = {},
                            .value = Phrase::same(pretty_median(figure.values)),
                            .samples = figure.values.values,
                            .colour = device_colour(figure.device)});
      out.open("details").element("summary", chart.title);
      out.add(draw(chart)).close("details");
      any = true;
    }
  }
  if (!any)
    nothing_here(out, {"This result holds no samples.", "この結果には測定値がありません。"});
  out.close("section");
  return out;
}

}  // namespace hikaku
