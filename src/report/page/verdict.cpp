// What a reader sees first: one sentence, the race, and what it means.
#include <algorithm>
#include <cmath>

#include "report/page/sections.h"
#include "report/page/sweep.h"
#include "report/row_chart.h"
#include "report/texts.h"
#include "report/units.h"

namespace hikaku {
namespace {

constexpr int many_epochs = 100;

/// "73 times as fast as" or, where the device is the slower one, the other way round.
Phrase compare(const Phrase& work, double ratio) {
  if (ratio >= 1) {
    return say("{0}: the GPU is {2} times as fast as the CPU.",
               "{1}では、GPU は CPU の {2} 倍の速さです。", work.en, work.ja, pretty_number(ratio));
  }
  return say("{0}: the CPU wins here. It is {2} times as fast as the GPU.",
             "{1}では CPU の勝ちです。CPU は GPU の {2} 倍の速さです。", work.en, work.ja,
             pretty_number(1 / ratio));
}

Interval epoch_ratio(const DevicePair<UnetResult>& pair) {
  return speedup_of(pair, "train", {{pair.cpu.item->train.seconds}},
                    {{pair.gpu.item->train.seconds}});
}

/// The work of the first pair (there is one) on the same devices, in fewer digits on the GPU; null
/// where it was not done. f32x has as many digits as f32.
const DevicePair<UnetResult>* with_fewer_digits(const std::vector<DevicePair<UnetResult>>& pairs) {
  const auto found = std::find_if(pairs.begin() + 1, pairs.end(), [&](const auto& pair) {
    const std::string& precision = pair.gpu.item->precision;
    return pair.cpu.item == pairs[0].cpu.item && pair.gpu.source == pairs[0].gpu.source &&
           pair.gpu.item->device == pairs[0].gpu.item->device &&
           precision != pair.cpu.item->precision && precision != "f32x";
  });
  return found == pairs.end() ? nullptr : &*found;
}

const UnetResult* own_unet(const Sources& sources) {
  for (const Found<UnetResult>& found : all_of(sources, &Result::unet)) {
    if (!found.source->recorded) return found.item;
  }
  return nullptr;
}

const MatmulResult* own_product(const Sources& sources) {
  const MatmulResult* best = nullptr;
  for (const Found<MatmulResult>& found : all_of(sources, &Result::matmul)) {
    if (found.source->recorded) continue;
    if (best == nullptr || found.item->dtype == "f32") best = found.item;
  }
  return best;
}

/// The sentence where this machine could run only one device.
Phrase lonely_sentence(const Sources& sources) {
  if (const UnetResult* unet = own_unet(sources)) {
    const Phrase time = duration(unet->train.seconds);
    return say("One epoch of U-Net training takes this {0} {1}.",
               "この {0} で U-Net を 1 エポック学習すると {2} かかります。",
               device_phrase(unet->device).en, time.en, time.ja);
  }
  if (const MatmulResult* product = own_product(sources)) {
    const Phrase time = duration(product->seconds.median());
    return say("This {0} multiplies two {1} x {1} matrices in {2}.",
               "この {0} は {1} × {1} の行列の積を {3} で計算します。",
               device_phrase(product->device).en, product->n, time.en, time.ja);
  }
  return {"This result holds no comparison yet.", "この結果には、まだ比べるものがありません。"};
}

Phrase headline(const Sources& sources) {
  const auto trained = unet_pairs(sources);
  if (!trained.empty() && !trained[0].recorded()) {
    const std::string &cpu = trained[0].cpu.item->precision, &gpu = trained[0].gpu.item->precision;
    // Not like with like: the sentence itself says so, for it is what will be quoted.
    const Phrase how =
        cpu == gpu ? Phrase{}
                   : say(" (CPU in {0}, GPU in {1})", "（CPU は {0}、GPU は {1}）", cpu, gpu);
    return compare(Phrase{"Training a U-Net", "U-Net の学習"} + how,
                   epoch_ratio(trained[0]).median);
  }
  const auto multiplied = matmul_pairs(sources);
  if (own_unet(sources) == nullptr && !multiplied.empty() && !multiplied[0].recorded()) {
    return compare({"A matrix product", "行列の積"}, speedup_of(multiplied[0]).median);
  }
  return lonely_sentence(sources);
}

/// What was compared, each machine once.
void machines(const Sources& sources, Markup& out) {
  for (const Source& source : sources) {
    if (source.recorded) continue;
    const bool again = std::any_of(sources.data(), &source, [&](const Source& earlier) {
      return same_machine(earlier.result.machine, source.result.machine);
    });
    if (!again) out.element("p", {{"class", "whose"}}, machine_phrase(source.result.machine));
  }
}

/// Why there is no second bar of one's own, and what stands in for it.
void tell_of_no_gpu(const Sources& sources, Markup& out) {
  for (const Source& source : sources) {
    const Machine& machine = source.result.machine;
    if (source.recorded || !machine.no_gpu) continue;
    const NoGpu& reason = *machine.no_gpu;
    const std::string key = fmt::format("no_gpu.{}", reason.id);
    out.open("p", {{"class", "notice"}})
        .text(Phrase{"No GPU was used here: ", "ここでは GPU を使っていません："})
        .text(Phrase{reason.text, std::string(translated(key, reason.text, Language::ja))})
        .close("p");
    break;
  }
  const auto trained = unet_pairs(sources);
  if (trained.empty() || !trained[0].recorded()) return;
  const Result& record = trained[0].gpu.source->result;
  constexpr std::size_t day_of_month_ends = 10;  // "2026-01-31"
  out.element("p", {{"class", "notice"}},
              say("The hatched bars are a record of another machine ({1}), made by this program on "
                  "{2}: there "
                  "the GPU trained {0} times as fast as the CPU beside it.",
                  "斜線の棒は、このプログラムが別のマシン（{1}）で {2} "
                  "に測った記録です。そのマシンでは、GPU の"
                  "学習は隣の CPU の {0} 倍の速さでした。",
                  pretty_number(epoch_ratio(trained[0]).median), machine_phrase(record.machine).en,
                  record.program.started.substr(0, day_of_month_ends)));
}

/// Seconds as the slowest of the race has them, so that both can be read at a glance.
Phrase beside(double seconds, double slowest) {
  if (slowest < 1 || slowest >= 120 || seconds >= 1 || !(seconds >= 0.005))
    return duration(seconds);
  return say("{:.2f} s", "{:.2f} 秒", seconds);
}

void race(const Sources& sources, const Workload& group, Markup& out) {
  RowChart chart{say("One epoch of training, {}: shorter is better",
                     "学習 1 エポックの時間（{1}。短いほど速い）", workload_phrase(group).en,
                     workload_phrase(group).ja),
                 {"time, everything included", "時間（すべて込み）"},
                 pretty_seconds,
                 {}};
  if (group[0].source->recorded) {
    chart.title = Phrase{"Recorded on another machine. ", "別のマシンの記録。"} + chart.title;
  }
  const double slowest = slowest_epoch(sources, group);
  chart.reach = slowest;
  for (const auto& [source, unet] : group) {
    ChartRow row{.name = device_and_type(unet->device, unet->precision),
                 .note = source_note(sources, *source),
                 .segments = {{unet->train.seconds, device_colour(unet->device), {}}},
                 .value = beside(unet->train.seconds, slowest),
                 .samples = {},
                 .recorded = source->recorded};
    if (unet->train.projected) row.value = row.value + Phrase{" (projected)", "（推定）"};
    chart.rows.push_back(std::move(row));
  }
  out.add(draw(chart));
}

Phrase precisions(const std::string& cpu, const std::string& gpu) {
  if (cpu == gpu) return say("both in {}", "両方とも {}", cpu);
  return say("CPU in {}, GPU in {}", "CPU は {}、GPU は {}", cpu, gpu);
}

/// A speed-up with its range. `types` tells the precisions of both sides, and whose machine it is.
void card(Markup& out, const Interval& ratio, const Phrase& what, const Phrase& types) {
  if (!std::isfinite(ratio.median)) return;
  const Phrase range = std::isfinite(ratio.low)
                           ? say("95 %: {} to {}", "95% 区間 {}～{}", pretty_number(ratio.low),
                                 pretty_number(ratio.high))
                           : Phrase{"measured once", "測定 1 回"};
  out.open("li").element("b", times_phrase(ratio.median)).text(what);
  out.element("small", types + Phrase{"; ", "、"} + range).close("li");
}

template <class T>
Phrase types_of(const DevicePair<T>& pair, const std::string& cpu, const std::string& gpu) {
  const Phrase where =
      pair.recorded() ? Phrase{", recorded machine", "、記録されたマシン"} : Phrase{};
  return precisions(cpu, gpu) + where;
}

void training_cards(const std::vector<DevicePair<UnetResult>>& pairs, Markup& out) {
  const UnetResult &cpu = *pairs[0].cpu.item, &gpu = *pairs[0].gpu.item;
  const Phrase types = types_of(pairs[0], cpu.precision, gpu.precision);
  card(out, epoch_ratio(pairs[0]), {"training epoch, from the files", "学習 1 エポック"}, types);
  card(out, speedup_of(pairs[0], "train_step", cpu.train.step_seconds, gpu.train.step_seconds),
       {"training step alone", "学習の 1 ステップだけ"}, types);
  card(out, speedup_of(pairs[0], "eval", {{cpu.eval.seconds}}, {{gpu.eval.seconds}}),
       {"evaluation", "評価"}, types);
  const DevicePair<UnetResult>* fewer = with_fewer_digits(pairs);
  if (fewer == nullptr) return;
  card(out, epoch_ratio(*fewer),
       {"training epoch, fewer digits on the GPU", "学習 1 エポック（GPU は桁数を減らして）"},
       types_of(*fewer, fewer->cpu.item->precision, fewer->gpu.item->precision));
}

void cards(const Sources& sources, Markup& out) {
  const auto trained = unet_pairs(sources);
  const auto multiplied = matmul_pairs(sources);
  if (trained.empty() && multiplied.empty()) return;
  out.open("ul", {{"class", "cards"}});
  if (!trained.empty()) training_cards(trained, out);
  if (!multiplied.empty()) {
    const MatmulResult &cpu = *multiplied[0].cpu.item, &gpu = *multiplied[0].gpu.item;
    card(out, speedup_of(multiplied[0]), say("matrix product, n = {}", "行列の積、n = {}", cpu.n),
         types_of(multiplied[0], cpu.dtype, gpu.dtype));
  }
  out.close("ul");
}

/// What the difference means for somebody who waits: a hundred epochs; and where it is none.
void meaning(const Sources& sources, Markup& out) {
  if (const UnetResult* own = own_unet(sources)) {
    const auto many = [](const UnetResult& unet) {
      return duration(many_epochs * unet.train.seconds);
    };
    auto trained = unet_pairs(sources);
    std::erase_if(trained, [](const DevicePair<UnetResult>& pair) { return pair.recorded(); });
    const Phrase here = many(trained.empty() ? *own : *trained[0].cpu.item);
    Phrase text =
        say("A real training takes many epochs. {0} of them would take {1}",
            "実際の学習は何度も繰り返します。{0} エポックなら {2}", many_epochs, here.en, here.ja);
    if (trained.empty()) {
      text = text + Phrase{" here", "かかる計算"};
    } else {
      const Phrase there = many(*trained[0].gpu.item);
      text = text + say(" on this CPU and {0} on this GPU", "（この CPU）、{1}（この GPU）",
                        there.en, there.ja);
      if (const DevicePair<UnetResult>* fewer = with_fewer_digits(trained)) {
        const UnetResult& gpu = *fewer->gpu.item;
        text =
            text + say(", {0} in {2}", "、{1}（{2}）", many(gpu).en, many(gpu).ja, gpu.precision);
      }
    }
    out.element("p", {{"class", "meaning"}}, text + Phrase{".", "です。"});
  }
  const Phrase small = break_even(sources);
  if (!small.en.empty()) out.element("p", {{"class", "meaning"}}, small);
}

}  // namespace

std::string race_rules(const Sources& sources) {
  constexpr double longest_seconds = 6;
  std::string rules;
  int chart = 0;
  for (const Workload& group : workloads(sources)) {
    ++chart;
    const double slowest = slowest_epoch(sources, group);
    for (std::size_t row = 0; row < group.size(); ++row) {
      const double seconds = longest_seconds * group[row].item->train.seconds / slowest;
      if (!std::isfinite(seconds)) continue;
      rules += fmt::format(
          "#verdict figure:nth-of-type({}) li:nth-child({}) .part{{animation-duration:{:.3f}s}}\n",
          chart, row + 1, seconds);
    }
  }
  return fmt::format("@media screen{{{}}}\n", rules);
}

Markup verdict_section(const Sources& sources) {
  Markup out;
  out.open("section", {{"id", "verdict"}, {"aria-labelledby", "verdict-title"}});
  out.element("h1", {{"id", "verdict-title"}}, headline(sources));
  machines(sources, out);
  for (const Workload& group : workloads(sources)) race(sources, group, out);
  if (!unet_pairs(sources).empty()) {
    out.element(
        "p", {{"class", "hint"}},
        Phrase{"The bars grow at one speed, so what you see is the race itself; load the page "
               "again to repeat it.",
               "棒はどれも同じ速さで伸びます。見えているのは競走そのものです。ページを読み直すと、"
               "もう一度見られます。"});
  }
  meaning(sources, out);
  tell_of_no_gpu(sources, out);
  cards(sources, out);
  out.close("section");
  return out;
}

}  // namespace hikaku
