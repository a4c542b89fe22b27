// The U-Net: the same losses on both devices, the times, and where they go.
#include <algorithm>
#include <cmath>
#include <utility>

#include "report/line_chart.h"
#include "report/page/phases.h"
#include "report/page/proofs.h"
#include "report/page/sections.h"
#include "report/row_chart.h"
#include "report/units.h"

namespace hikaku {
namespace {

Phrase row_name(const UnetResult& unet) { return device_and_type(unet.device, unet.precision); }

void losses(const Sources& sources, const Workload& all, Markup& out) {
  LineChart chart{.title = {"Loss by step: the same work on each device",
                            "ステップごとの損失：どのデバイスも同じ仕事をしている"},
                  .description = {"One line for each device; lines that lie on each other show the "
                                  "same training.",
                                  "デバイスごとに 1 本の線。線が重なれば同じ学習をしている。"},
                  .x_axis = {"step", "ステップ"},
                  .y_axis = {"loss", "損失"},
                  .x_format = pretty_count,
                  .y_format = pretty_number,
                  .series = {},
                  .marker = {}};
  CurveColours colours;
  for (const Found<UnetResult>& found : all) {
    Series series{noted(sources, *found.source, row_name(*found.item)),
                  colours.next(found.item->device),
                  {},
                  is_gpu(found.item->device)};
    const auto& values = found.item->train.losses;
    for (std::size_t i = 0; i < values.size(); ++i) {
      series.points.emplace_back(static_cast<double>(i + 1), values[i]);
    }
    chart.series.push_back(std::move(series));
  }
  out.add(draw(chart));
}

template <class PhaseResult>
ChartRow time_row(const Sources& sources, const Found<UnetResult>& found,
                  const PhaseResult& phase) {
  ChartRow row{.name = row_name(*found.item),
               .note = source_note(sources, *found.source),
               .segments = {{phase.seconds, device_colour(found.item->device), {}}},
               .value = say("{}, {} images/s", "{}、{} 枚/秒", pretty_seconds(phase.seconds),
                            pretty_number(static_cast<double>(phase.images) / phase.seconds)),
               .samples = {},
               .recorded = found.source->recorded};
  if (phase.projected) row.note = joined(row.note, {"projected from some steps", "一部からの推定"});
  return row;
}

/// Waiting, steps and the rest, of the whole epoch as the clock saw it.
ChartRow share_row(const Sources& sources, const Found<UnetResult>& found) {
  const TrainResult& train = found.item->train;
  const auto waited = train.breakdown_seconds.find("wait");
  const double wait = waited == train.breakdown_seconds.end() ? 0 : waited->second;
  const double steps =
      std::min(train.step_seconds.median() * static_cast<double>(train.images) /
                   static_cast<double>(std::max<std::int64_t>(found.item->batch_size, 1)),
               train.seconds - wait);
  const double rest = train.seconds - wait - steps;
  return {
      .name = row_name(*found.item),
      .note = source_note(sources, *found.source),
      .segments = {{100 * steps / train.seconds, "third", {"computing steps", "ステップの計算"}},
                   {100 * wait / train.seconds, "fifth", {"waiting for data", "データ待ち"}},
                   {100 * rest / train.seconds,
                    "rest",
                    {"the rest: copies, short last batch", "その他（転送、端数のバッチ）"}}},
      .value = say("{} computing", "計算が {}", pretty_percent(steps / train.seconds)),
      .samples = {},
      .recorded = found.source->recorded};
}

void times(const Sources& sources, const Workload& all, Markup& out) {
  RowChart train{{"Training, one epoch", "学習、1 エポック"}, {"time", "時間"}, pretty_seconds, {}};
  RowChart eval{{"Evaluation", "評価"}, {"time", "時間"}, pretty_seconds, {}};
  constexpr double gib = 1 << 30;
  RowChart memory{{"Peak memory", "最大メモリ"},
                  {"GiB; of the CPU, of the whole process", "GiB（CPU はプロセス全体）"},
                  pretty_number,
                  {}};
  RowChart share{{"Where the time of the epoch goes", "1 エポックの時間の内訳"},
                 {"share of the epoch", "エポックに占める割合"},
                 [](double percent) { return pretty_percent(percent / 100); },
                 {}};
  for (const Found<UnetResult>& found : all) {
    train.rows.push_back(time_row(sources, found, found.item->train));
    if (std::isfinite(found.item->eval.seconds)) {
      eval.rows.push_back(time_row(sources, found, found.item->eval));
    }
    if (const double bytes = found.item->peak_memory_bytes; std::isfinite(bytes)) {
      memory.rows.push_back({.name = row_name(*found.item),
                             .note = source_note(sources, *found.source),
                             .segments = {{bytes / gib, device_colour(found.item->device), {}}},
                             .value = Phrase::same(pretty_bytes(bytes)),
                             .samples = {},
                             .recorded = found.source->recorded});
    }
    // The seconds of a projected epoch are of all images, its waiting is of the steps done.
    const TrainResult& one = found.item->train;
    if (!one.projected && std::isfinite(one.seconds) && one.step_seconds.median() > 0) {
      share.rows.push_back(share_row(sources, found));
    }
  }
  out.add(draw(train)).add(draw(eval)).add(draw(share)).add(draw(memory));
}

ChartRow rung(const Phrase& name, const Interval& ratio, bool recorded) {
  return {.name = name,
          .note = {},
          .segments = {{ratio.median, "gpu", {}}},
          .value = times_phrase(ratio.median),
          .low = ratio.low,
          .high = ratio.high,
          .samples = {},
          .recorded = recorded};
}

/// A step and the copy of its batch, one after the other; NaN where no step was taken apart.
double step_with_copy(const TrainResult& train) {
  if (!train.profile || !train.profile->phase_seconds.contains("copy")) return not_measured;
  return train.step_seconds.median() + train.profile->phase_seconds.at("copy");
}

/// What is counted, from the step alone to the whole run.
void ladder(const DevicePair<UnetResult>& pair, Markup& out) {
  const UnetResult &cpu = *pair.cpu.item, &gpu = *pair.gpu.item;
  RowChart chart{say("The ladder of what is counted, {}, {}", "はしご：何を数えるか（{}、{}）",
                     row_name(cpu).en, row_name(gpu).en),
                 {"times as fast as the CPU", "CPU の何倍速いか"},
                 pretty_number,
                 {}};
  const auto add = [&](const Phrase& name, const Interval& ratio) {
    if (std::isfinite(ratio.median)) chart.rows.push_back(rung(name, ratio, pair.recorded()));
  };
  const auto add_once = [&](const Phrase& name, double ratio) {
    add(name, {ratio, not_measured, not_measured});
  };
  add({"a training step alone", "学習の 1 ステップだけ"},
      speedup_of(pair, "train_step", cpu.train.step_seconds, gpu.train.step_seconds));
  add_once({"+ copying its batch, waited for", "＋バッチの転送（終わるのを待つ）"},
           step_with_copy(cpu.train) / step_with_copy(gpu.train));
  add({"+ data: an epoch from files", "＋データ：ファイルから 1 エポック"},
      speedup_of(pair, "train", {{cpu.train.seconds}}, {{gpu.train.seconds}}));
  add_once({"+ evaluation", "＋評価"},
           (cpu.train.seconds + cpu.eval.seconds) / (gpu.train.seconds + gpu.eval.seconds));
  add_once({"+ planning: the whole run", "＋計画：全体"}, cpu.whole_seconds / gpu.whole_seconds);
  out.add(draw(chart));
}

/// The step of each precision that a GPU has, against the CPU's: f32 against f32 is the same work
/// on both sides, the others trade digits for speed.
void by_precision(const Sources& sources, const DevicePair<UnetResult>& pair, Markup& out) {
  RowChart chart{
      say("One training step by precision, against the CPU's {}",
          "学習の 1 ステップを精度ごとに（CPU の {} と比べて）", pair.cpu.item->precision),
      {"times as fast as the CPU", "CPU の何倍速いか"},
      pretty_number,
      {}};
  for (const auto& [source, bench] : all_of(sources, &Result::bench)) {
    const bool fits = bench->what == "train_step" && is_gpu(bench->device) &&
                      bench->batch_size == pair.cpu.item->batch_size &&
                      bench->size == pair.cpu.item->size && source->recorded == pair.recorded() &&
                      same_machine(source->result.machine, pair.cpu.source->result.machine);
    if (!fits) continue;
    const bool alike = bench->precision == pair.cpu.item->precision;
    chart.rows.push_back(
        rung(alike ? say("{}: the same on both", "{}：両方とも同じ", bench->precision)
                   : Phrase::same(bench->precision),
             ratio_of_medians(pair.cpu.item->train.step_seconds, bench->seconds), pair.recorded()));
  }
  std::stable_sort(chart.rows.begin(), chart.rows.end(), [](const ChartRow& a, const ChartRow& b) {
    return a.segments[0].size < b.segments[0].size;
  });
  out.add(draw(chart));
}

/// One kind of work: its devices beside each other.
void workload(const Sources& sources, const Workload& group, Markup& out) {
  out.element("h3", workload_title(group));
  out.open("div", {{"class", "two"}});
  losses(sources, group, out);
  times(sources, group, out);
  bool first = true;
  for (const DevicePair<UnetResult>& pair : unet_pairs(sources)) {
    const bool here = std::any_of(group.begin(), group.end(), [&](const Found<UnetResult>& found) {
      return found.item == pair.cpu.item;
    });
    if (!here) continue;
    ladder(pair, out);
    if (!std::exchange(first, false)) break;  // the best pair behind that of like with like
    by_precision(sources, pair, out);
  }
  out.close("div");
  if (!first) {
    paragraph(out, {"Going down the ladder, more of what a user waits for is counted. In an epoch, "
                    "copies and files come in while the device computes; that is why the epoch may "
                    "stand above the rung where each copy is waited for.",
                    "はしごを下りるほど、使う人が待つ時間を多く数えます。エポックでは、計算している"
                    "間に次のデータを読み込んで送ります。そのため、転送を待つ段より速いことがあり"
                    "ます。"});
  }
  out.add(phases_chart(sources, group));
}

void steps_table(const Sources& sources, Markup& out) {
  std::vector<Cells> rows;
  for (const auto& [source, bench] : all_of(sources, &Result::bench)) {
    const Phrase what = bench->what == "train_step" ? Phrase{"training step", "学習の 1 ステップ"}
                        : bench->what == "eval_step" ? Phrase{"evaluation batch", "評価の 1 バッチ"}
                                                     : Phrase::same(bench->what);
    rows.push_back({noted(sources, *source, device_and_type(bench->device, bench->precision)), what,
                    say("{0} of {1} x {1}", "{1} × {1} が {0} 枚", bench->batch_size, bench->size),
                    Phrase::same(pretty_median(bench->seconds)),
                    Phrase::same(pretty_bytes(static_cast<double>(bench->peak_memory_bytes)))});
  }
  if (rows.empty()) return;
  const Phrase title{"Steps on random data", "乱数のデータでの 1 ステップ"};
  out.element("h3", title);
  table(out, title,
        {{"device and type", "デバイスと型"},
         {"what", "内容"},
         {"batch", "バッチ"},
         {"time (median, spread)", "時間（中央値とばらつき）"},
         {"peak memory", "最大メモリ"}},
        rows);
}

}  // namespace

Markup unet_section(const Sources& sources) {
  Markup out;
  open_section(out, "unet", {"Training the U-Net", "U-Net の学習"});
  paragraph(
      out,
      {"A U-Net names the class of every pixel of a picture. A training step shows it a "
       "batch of pictures, measures how wrong it is (the loss), and corrects all of its "
       "numbers, 31 million at the usual width of 64, a little. An epoch is one pass over all "
       "pictures.",
       "U-Net は、画像のすべての画素に「これは何か」を答えるネットワークです。学習の 1 ステップ"
       "では、画像をまとめて（バッチ）見せ、どれだけ間違えたか（損失）を測り、すべての数（標準の幅 "
       "64 なら "
       "3100 万個）を少しずつ直します。全画像を一巡すると 1 エポックです。"});
  const auto groups = workloads(sources);
  if (groups.empty()) {
    nothing_here(out, {"This result holds no training. It is measured by: hikaku train",
                       "この結果には学習がありません。測るには：hikaku train"});
  }
  for (const Workload& group : groups) workload(sources, group, out);
  out.add(proofs(sources));
  steps_table(sources, out);
  out.close("section");
  return out;
}

}  // namespace hikaku
