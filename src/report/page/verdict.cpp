// What a reader sees first: one sentence, the race, and what it means.
#include <algorithm>
#include <cmath>

#include "report/page/sections.h"
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

double epoch_ratio(const Pair<UnetResult>& pair) {
  return pair.cpu.item->train.seconds / pair.gpu.item->train.seconds;
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
    const Phrase device = device_phrase(unet->device);
    return say("One epoch of U-Net training takes this {} {}.",
               "この {} で U-Net を 1 エポック学習すると {} かかります。", device.en,
               pretty_seconds(unet->train.seconds));
  }
  if (const MatmulResult* product = own_product(sources)) {
    return say("This {0} multiplies two {1} x {1} matrices in {2}.",
               "この {0} は {1} × {1} の行列の積を {2} で計算します。",
               device_phrase(product->device).en, product->n,
               pretty_seconds(product->seconds.median()));
  }
  return {"This result holds no comparison yet.", "この結果には、まだ比べるものがありません。"};
}

Phrase headline(const Sources& sources) {
  const auto trained = unet_pairs(sources);
  if (!trained.empty() && !trained[0].recorded()) {
    return compare({"Training a U-Net", "U-Net の学習"}, epoch_ratio(trained[0]));
  }
  const auto multiplied = matmul_pairs(sources);
  if (own_unet(sources) == nullptr && !multiplied.empty() && !multiplied[0].recorded()) {
    const Pair<MatmulResult>& pair = multiplied[0];
    return compare({"A matrix product", "行列の積"},
                   pair.cpu.item->seconds.median() / pair.gpu.item->seconds.median());
  }
  return lonely_sentence(sources);
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
  out.element(
      "p", {{"class", "notice"}},
      say("The hatched bars are recorded results of another machine, made by this program: "
          "there the GPU trained {} times as fast as the CPU beside it.",
          "斜線の棒は、このプログラムが別のマシンで測った記録です。そのマシンでは、GPU の学習"
          "は隣の CPU の {} 倍の速さでした。",
          pretty_number(epoch_ratio(trained[0]))));
}

void race(const Sources& sources, Markup& out) {
  RowChart chart{{"One epoch of training, everything included: shorter is better",
                  "学習 1 エポックにかかる時間（すべて込み、短いほど速い）"},
                 {"time", "時間"},
                 pretty_seconds,
                 {}};
  for (const auto& [source, unet] : all_of(sources, &Result::unet)) {
    const Phrase device = device_phrase(unet->device);
    ChartRow row{.name = Phrase::same(device.en + " " + unet->precision),
                 .note = source_note(sources, *source),
                 .segments = {{unet->train.seconds, device_colour(unet->device), {}}},
                 .value = Phrase::same(pretty_seconds(unet->train.seconds)),
                 .samples = {},
                 .recorded = source->recorded};
    if (unet->train.projected) row.value = row.value + Phrase{" (projected)", "（推定）"};
    chart.rows.push_back(std::move(row));
  }
  out.add(draw(chart));
}

void card(Markup& out, const std::string& number, const Phrase& what, const Phrase& range) {
  out.open("li").element("b", {}, number).text(what);
  if (!range.en.empty()) out.element("small", range);
  out.close("li");
}

Phrase interval_phrase(const Interval& ratio) {
  return say("95 %: {} to {}", "95% 区間 {}～{}", pretty_number(ratio.low),
             pretty_number(ratio.high));
}

Phrase precisions(const std::string& cpu, const std::string& gpu) {
  if (cpu == gpu) return say("both in {}", "両方とも {}", cpu);
  return say("CPU in {}, GPU in {}", "CPU は {}、GPU は {}", cpu, gpu);
}

Phrase where(bool recorded) {
  return recorded ? Phrase{", recorded machine", "、記録されたマシン"} : Phrase{};
}

void training_cards(const Pair<UnetResult>& pair, Markup& out) {
  const UnetResult &cpu = *pair.cpu.item, &gpu = *pair.gpu.item;
  const Phrase how = precisions(cpu.precision, gpu.precision) + where(pair.recorded());
  const Interval step = ratio_of_medians(cpu.train.step_seconds, gpu.train.step_seconds);
  card(out, pretty_number(epoch_ratio(pair)) + "x",
       {"training epoch, from the files", "学習 1 エポック（ファイルの読み込みから）"}, how);
  if (std::isfinite(step.median)) {
    card(out, pretty_number(step.median) + "x", {"training step alone", "学習の 1 ステップだけ"},
         interval_phrase(step));
  }
  if (std::isfinite(cpu.eval.seconds / gpu.eval.seconds)) {
    card(out, pretty_number(cpu.eval.seconds / gpu.eval.seconds) + "x", {"evaluation", "評価"},
         how);
  }
}

void cards(const Sources& sources, Markup& out) {
  const auto trained = unet_pairs(sources);
  const auto multiplied = matmul_pairs(sources);
  if (trained.empty() && multiplied.empty()) return;
  out.open("ul", {{"class", "cards"}});
  if (!trained.empty()) training_cards(trained[0], out);
  if (!multiplied.empty()) {
    const MatmulResult &cpu = *multiplied[0].cpu.item, &gpu = *multiplied[0].gpu.item;
    const Interval ratio = ratio_of_medians(cpu.seconds, gpu.seconds);
    card(out, pretty_number(ratio.median) + "x",
         say("matrix product, n = {}", "行列の積、n = {}", cpu.n),
         precisions(cpu.dtype, gpu.dtype) + Phrase{"; ", "、"} + interval_phrase(ratio));
  }
  out.close("ul");
}

/// A hundred epochs: what the difference means for somebody who waits.
void meaning(const Sources& sources, Markup& out) {
  const auto trained = unet_pairs(sources);
  const UnetResult* own = own_unet(sources);
  if (!trained.empty() && !trained[0].recorded()) {
    const UnetResult &cpu = *trained[0].cpu.item, &gpu = *trained[0].gpu.item;
    out.element(
        "p", {{"class", "meaning"}},
        say("A real training takes many epochs. {} of them would take {} on this CPU and {} "
            "on this GPU.",
            "実際の学習は何度も繰り返します。{} エポックなら、この CPU で {}、この GPU で {} "
            "かかる計算です。",
            many_epochs, pretty_seconds(many_epochs * cpu.train.seconds),
            pretty_seconds(many_epochs * gpu.train.seconds)));
    return;
  }
  if (own == nullptr) return;
  out.element("p", {{"class", "meaning"}},
              say("A real training takes many epochs. {} of them would take {} here.",
                  "実際の学習は何度も繰り返します。{} エポックなら、ここでは {} かかる計算です。",
                  many_epochs, pretty_seconds(many_epochs * own->train.seconds)));
}

}  // namespace

Markup verdict_section(const Sources& sources) {
  Markup out;
  out.open("section", {{"id", "verdict"}, {"aria-labelledby", "verdict-title"}});
  out.element("h1", {{"id", "verdict-title"}}, headline(sources));
  race(sources, out);
  meaning(sources, out);
  tell_of_no_gpu(sources, out);
  cards(sources, out);
  out.close("section");
  return out;
}

}  // namespace hikaku
