// What the network has learnt, beside what a guess without any learning scores.
#include <algorithm>
#include <cmath>

#include "report/line_chart.h"
#include "report/page/pictures.h"
#include "report/page/sections.h"
#include "report/row_chart.h"
#include "report/units.h"

namespace hikaku {
namespace {

void figures(const Sources& sources, const Workload& all, Markup& out) {
  std::vector<Cells> rows;
  for (const auto& [source, unet] : all) {
    const EvalResult& eval = unet->eval;
    rows.push_back({noted(sources, *source, device_and_type(unet->device, unet->precision)),
                    Phrase::same(pretty_percent(eval.pixel_accuracy)),
                    Phrase::same(pretty_percent(eval.mean_iou)),
                    Phrase::same(pretty_percent(eval.lecture_iou)),
                    Phrase::same(pretty_number(eval.mean_loss))});
  }
  const BackgroundOnly& trivial = all[0].item->eval.background_only;
  rows.push_back({{"no learning: \"background everywhere\"", "学習なし：全部「背景」と答える"},
                  Phrase::same(pretty_percent(trivial.pixel_accuracy)),
                  Phrase::same(pretty_percent(trivial.mean_iou)),
                  Phrase::same("0.0%"),
                  Phrase::same("-")});
  table(out, workload_title(all) + Phrase{": what was learnt", "：学んだもの"},
        {{"network", "ネットワーク"},
         {"pixels right", "画素の正解率"},
         {"mean IoU", "平均 IoU"},
         {"IoU as in the lecture", "講義の IoU"},
         {"loss", "損失"}},
        rows);
}

void by_class(const Sources& sources, const Found<UnetResult>& found, Markup& out) {
  RowChart chart{noted(sources, *found.source,
                       say("IoU by class, {}", "クラスごとの IoU、{}",
                           device_and_type(found.item->device, found.item->precision).en)),
                 {"intersection over union", "IoU"},
                 pretty_percent,
                 {}};
  const auto& values = found.item->eval.iou_by_class;
  for (std::size_t label = 0; label < values.size(); ++label) {
    if (!std::isfinite(values[label])) continue;
    chart.rows.push_back(
        {.name = Phrase::same(class_text(found.source->result, static_cast<std::int64_t>(label))),
         .note = {},
         .segments = {{values[label], "third", {}}},
         .value = Phrase::same(pretty_percent(values[label])),
         .samples = {},
         .recorded = found.source->recorded});
  }
  if (chart.rows.empty()) return;
  out.open("details").element("summary", chart.title);
  out.add(draw(chart));
  const auto absent = values.size() - chart.rows.size();
  if (absent > 0) {
    const char* const english =
        absent == 1
            ? "{} class occurs neither in the pictures nor in the answers; it has no IoU."
            : "{} classes occur neither in the pictures nor in the answers; they have no IoU.";
    paragraph(
        out, say(english, "{} クラスは、画像にも答えにも現れないため、IoU がありません。", absent));
  }
  out.close("details");
}

/// What longer trainings learnt from epoch to epoch.
Markup curves(const Sources& sources, const Workload& group) {
  LineChart chart{
      .title = {"Mean IoU by epoch", "エポックごとの平均 IoU"},
      .description = {"One line for each training, above the line that needs no learning.",
                      "学習ごとに 1 本の線。学習なしの線より上が、学んだ分。"},
      .x_axis = {"epoch", "エポック"},
      .y_axis = {"mean IoU", "平均 IoU"},
      .x_format = pretty_count,
      .y_format = pretty_percent,
      .series = {},
      .marker = {}};
  CurveColours colours;
  double last = 0;
  for (const auto& [source, unet] : group) {
    if (unet->epochs.size() < 2) continue;
    Series series{noted(sources, *source, device_and_type(unet->device, unet->precision)),
                  colours.next(unet->device),
                  {},
                  is_gpu(unet->device)};
    for (const EpochResult& one : unet->epochs) {
      series.points.emplace_back(static_cast<double>(one.epoch), one.mean_iou);
    }
    last = std::max(last, series.points.back().first);
    chart.series.push_back(std::move(series));
  }
  if (chart.series.empty()) return {};
  const double trivial = group[0].item->eval.background_only.mean_iou;
  chart.series.push_back({{"\"background everywhere\"", "全部「背景」"},
                          "rest",
                          {{1, trivial}, {last, trivial}},
                          true});
  return draw(chart);
}

}  // namespace

Markup quality_section(const Sources& sources) {
  Markup out;
  open_section(out, "quality", {"What it learnt", "何を学んだか"});
  auto groups = workloads(sources);
  for (Workload& group : groups) {
    std::erase_if(
        group, [](const auto& found) { return !std::isfinite(found.item->eval.pixel_accuracy); });
  }
  std::erase_if(groups, [](const Workload& group) { return group.empty(); });
  if (groups.empty()) {
    nothing_here(out, {"This result holds no evaluation. It is made by: hikaku train",
                       "この結果には評価がありません。測るには：hikaku train"});
    out.close("section");
    return out;
  }
  paragraph(
      out,
      {"One epoch teaches little: this experiment is about speed. Most pixels are "
       "background, so a network that has learnt nothing and always answers \"background\" "
       "already gets most of them right. Only what is above that line was learnt. IoU is "
       "the part of a class's area, true or answered, on which both agree; the mean IoU is "
       "its mean over the classes.",
       "1 "
       "エポックで学べることはわずかです。この実験の主題は速さだからです。画素の多くは背景なので、"
       "何も"
       "学ばずに「背景」とだけ答えるネットワークでも、かなり正解します。それを超えた分だけが"
       "学んだものです。IoU は、正解の領域と答えの領域を合わせた面積のうち、両方が一致した割合で、"
       "平均 IoU はそのクラス平均です。"});
  paragraph(
      out,
      {"After a single epoch the evaluation is a lottery: it differs widely from run to run and "
       "may even fall below that line, with a large loss. Batch norm evaluates with running "
       "means, which lag behind weights that still change fast. Some epochs later it settles.",
       "1 エポックだけの学習では、評価はくじ引きのようなものです。実行ごとに大きく違い、損失が"
       "大きく、全部「背景」より悪いこともあります。バッチ正規化が評価で使う移動平均が、まだ"
       "大きく変わり続ける重みに追いつかないためで、数エポック後には落ち着きます。"});
  for (const Workload& group : groups) {
    out.element("h3", workload_phrase(group));
    figures(sources, group, out);
    out.add(curves(sources, group));
    for (const Found<UnetResult>& found : group) by_class(sources, found, out);
  }
  out.add(picture_rows(sources));
  out.close("section");
  return out;
}

}  // namespace hikaku
