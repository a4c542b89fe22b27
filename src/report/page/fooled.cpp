// How to be fooled: the wrong number beside the right one, and why.
#include <algorithm>
#include <cmath>

#include "report/page/sections.h"
#include "report/row_chart.h"
#include "report/texts.h"
#include "report/units.h"

namespace hikaku {
namespace {

/// One mistake: what it measures, what is right, and by how much it misleads.
struct Mistake {
  Phrase name, why;
  Interval factor;  ///< wrong / right
  double wrong = 0, right = 0;
  std::string_view colour;
  bool recorded = false;
};

Phrase mistake_phrase(const FooledResult& fooled) {
  return {name_of_mistake(fooled.id, Language::en), name_of_mistake(fooled.id, Language::ja)};
}

Phrase why_mistake(const FooledResult& fooled) {
  if (fooled.id == "one_thread") {
    return {"Most of the CPU stands idle. A GPU looks that much better beside it.",
            "CPU の大部分が遊んでいます。その分だけ GPU が速く見えます。"};
  }
  if (fooled.id == "old_blas") {
    return {
        "A library that does not know the CPU falls back to instructions of 2004. It happens "
        "silently; this program looks for it and corrects it.",
        "CPU を見分けられないライブラリは 2004 年の命令で計算します。黙って起こるので、この"
        "プログラムは調べて直します。"};
  }
  if (fooled.id == "no_sync") {
    return {
        "A call to a GPU returns when the work is queued. Who stops the clock then has timed the "
        "asking, not the work.",
        "GPU の呼び出しは、仕事を予約しただけで戻ります。そこで時計を止めると、測ったのは頼む時間"
        "であって計算の時間ではありません。"};
  }
  if (fooled.id == "batch_1") {
    return {
        "A step costs something however small it is, and a single picture leaves most of a GPU "
        "idle. Compare at the batch that is trained with.",
        "1 ステップには、小さくても必ずかかる時間があります。画像 1 枚では GPU の大部分が遊びます"
        "。実際に学習するバッチで比べます。"};
  }
  return {};
}

void add_measured(const Sources& sources, std::vector<Mistake>& all) {
  for (const auto& [source, fooled] : all_of(sources, &Result::fooled)) {
    if (fooled->wrong.values.empty() || fooled->right.values.empty()) continue;
    const Phrase size = fooled->id == "batch_1"
                            ? say(", {}, beside batches of {}", "、{}、バッチ {} と比べて",
                                  device_phrase(fooled->device).en, fooled->n)
                            : say(", n = {}", "、n = {}", fooled->n);
    all.push_back({noted(sources, *source, mistake_phrase(*fooled) + size), why_mistake(*fooled),
                   ratio_of_medians(fooled->wrong, fooled->right), fooled->wrong.median(),
                   fooled->right.median(), device_colour(fooled->device), source->recorded});
  }
}

/// Of the product in f32 alone: other types' first calls and copies stand in their table.
void add_product(const Sources& sources, const Found<MatmulResult>& found,
                 std::vector<Mistake>& all) {
  const MatmulResult& product = *found.item;
  const double median = product.seconds.median();
  const Phrase device = device_and_type(product.device, product.dtype);
  const auto add = [&](const Phrase& name, const Phrase& why, const Interval& factor, double wrong,
                       double right) {
    if (product.dtype != "f32" || !std::isfinite(factor.median)) return;
    all.push_back({noted(sources, *found.source, name), why, factor, wrong, right,
                   device_colour(product.device), found.source->recorded});
  };
  add(say("{}: the first call, cold", "{}：最初の 1 回（準備なし）", device.en),
      {"It pays for loading the library, for new memory and for waking cores.",
       "ライブラリの読み込み、新しいメモリ、眠っていたコアの分も払っています。"},
      {product.first_call_seconds / median, not_measured, not_measured}, product.first_call_seconds,
      median);
  const Samples& copied = product.seconds_with_copies;
  add(say("{}: copies left out", "{}：転送を数えない", device.en),
      {"Right where the matrices stay on the GPU, as in a training; wrong where they come from the "
       "host and the product goes back there.",
       "学習のように行列が GPU に置かれたままなら、これが正しい測り方です。CPU 側から送って結果を"
       "戻すなら、転送も数えなければなりません。"},
      ratio_of_medians(product.seconds, copied), median, copied.median());
}

/// `f64_by_f32`: seconds by seconds.
Phrase why_types(const Interval& f64_by_f32) {
  if (f64_by_f32.median >= 1) {
    return {"Twice the bits, half the numbers an instruction. Compare the same type on both sides.",
            "ビット数が 2 倍なので、1 命令で扱える数は半分です。両方とも同じ型で比べます。"};
  }
  return {
      "This GPU has tensor cores for f64 and none for plain f32, so that its f64 is the faster "
      "one. Compare the same type on both sides.",
      "この GPU のテンソルコアは f64 を計算でき、普通の f32 は計算しないので、f64 "
      "の方が速くなります。"
      "両方とも同じ型で比べます。"};
}

void add_types(const Sources& sources, std::vector<Mistake>& all) {
  const auto products = all_of(sources, &Result::matmul);
  for (const auto& [source, wide] : products) {
    for (const auto& [other, narrow] : products) {
      const bool pair = source == other && wide->dtype == "f64" && narrow->dtype == "f32" &&
                        wide->device == narrow->device && wide->n == narrow->n;
      if (!pair || wide->seconds.values.empty() || narrow->seconds.values.empty()) continue;
      const Interval factor = ratio_of_medians(wide->seconds, narrow->seconds);
      all.push_back({noted(sources, *source,
                           say("{}: f64 beside the other's f32", "{}：f64 を相手の f32 と比べる",
                               device_phrase(wide->device).en)),
                     why_types(factor), factor, wide->seconds.median(), narrow->seconds.median(),
                     device_colour(wide->device), source->recorded});
    }
  }
}

/// What the mistake does to the speed-up, the CPU's time over the GPU's.
Phrase lead_phrase(const Mistake& mistake) {
  const bool of_cpu = mistake.colour == device_colour("cpu");
  const double lead = of_cpu ? mistake.factor.median : 1 / mistake.factor.median;
  if (lead >= 1) return say("{}x too large", "{} 倍に大きく見える", pretty_number(lead));
  return say("{}x too small", "{} 分の 1 に見える", pretty_number(1 / lead));
}

/// The mistakes that make a device look slower than it is, or those that make it look faster, each
/// by its factor.
RowChart chart_of(const std::vector<Mistake>& all, bool faster) {
  RowChart chart = faster ? RowChart{{"How many times faster the device looks than it is",
                                      "本当の何倍速く見えるか（1 なら正しい）"},
                                     {"right time / wrong time", "正しい時間 ÷ 間違った時間"},
                                     pretty_number,
                                     {}}
                          : RowChart{{"How many times slower the device looks than it is",
                                      "本当の何倍遅く見えるか（1 なら正しい）"},
                                     {"wrong time / right time", "間違った時間 ÷ 正しい時間"},
                                     pretty_number,
                                     {}};
  for (const Mistake& mistake : all) {
    const Interval& factor = mistake.factor;
    if ((factor.median < 1) != faster) continue;
    const double length = faster ? 1 / factor.median : factor.median;
    chart.rows.push_back({.name = mistake.name,
                          .note = {},
                          .segments = {{length, mistake.colour, {}}},
                          .value = times_phrase(length),
                          .low = faster ? 1 / factor.high : factor.low,
                          .high = faster ? 1 / factor.low : factor.high,
                          .samples = {},
                          .recorded = mistake.recorded});
  }
  return chart;
}

const MatmulResult* product_of(const Result& result, const std::string& device,
                               const std::string& dtype, std::int64_t n) {
  const auto& all = result.matmul;
  const auto at = std::find_if(all.begin(), all.end(), [&](const MatmulResult& product) {
    return product.device == device && product.dtype == dtype && product.n == n &&
           !product.seconds.values.empty();
  });
  return at == all.end() ? nullptr : &*at;
}

/// What the lecture's notebook would print: f64 on the CPU beside f32 on a GPU that nobody waits
/// for.
void add_notebooks(const Sources& sources, Markup& out) {
  for (const auto& [source, fooled] : all_of(sources, &Result::fooled)) {
    if (fooled->id != "no_sync" || !is_gpu(fooled->device)) continue;
    const auto find = [&result = source->result, n = fooled->n](const char* device,
                                                                const char* dtype) {
      return product_of(result, device, dtype, n);
    };
    const MatmulResult *f64 = find("cpu", "f64"), *f32 = find("cpu", "f32");
    const double printed =
        f64 == nullptr ? not_measured : f64->seconds.median() / fooled->wrong.median();
    if (f32 == nullptr || !std::isfinite(printed)) continue;
    const double right = f32->seconds.median() / fooled->right.median();
    const Phrase note = source_note(sources, *source);
    paragraph(
        out,
        (note.en.empty() ? note : note + Phrase{": ", "："}) +
            say("The lecture's notebook sets f64 on the CPU beside f32 on a GPU that it "
                "does not wait for. Here it would print that the GPU is {}x as fast. The "
                "same type on both, and waited for, it is {}x.",
                "講義のノートブックは、CPU の f64 と、終わるのを待たない GPU の f32 を並べます"
                "。ここなら「GPU は {} 倍速い」と表示されます。同じ型で、終わるのを待って測ると"
                " {} 倍です。",
                pretty_number(printed), pretty_number(right)));
  }
}

/// What was measured once has no range.
Phrase range_phrase(const Interval& ratio) {
  if (!std::isfinite(ratio.low)) return times_phrase(ratio.median);
  return {pretty_ratio(ratio), fmt::format("{} 倍（{}～{}）", pretty_number(ratio.median),
                                           pretty_number(ratio.low), pretty_number(ratio.high))};
}

/// The speed-up of the training step at batch 1 beside that at the full batch.
void add_batches(const Sources& sources, Markup& out) {
  const auto all = all_of(sources, &Result::fooled);
  for (const auto& [source, cpu] : all) {
    for (const auto& [other, gpu] : all) {
      const bool pair = source == other && cpu->id == "batch_1" && gpu->id == "batch_1" &&
                        !is_gpu(cpu->device) && is_gpu(gpu->device) && cpu->n == gpu->n;
      if (!pair) continue;
      const Phrase one = range_phrase(ratio_of_medians(cpu->wrong, gpu->wrong));
      const Phrase full = range_phrase(ratio_of_medians(cpu->right, gpu->right));
      const Phrase name = device_and_type(gpu->device, gpu->dtype);
      const Phrase note = source_note(sources, *source);
      const Phrase found{
          fmt::format("A training step on the {} is {} as fast as on the CPU with one picture at a "
                      "time, and {} with batches of {}.",
                      name.en, one.en, full.en, gpu->n),
          fmt::format("{} での学習の 1 ステップは、画像 1 枚ずつなら CPU の {}、バッチ {} なら {}の"
                      "速さです。",
                      name.ja, one.ja, gpu->n, full.ja)};
      paragraph(out, note.en.empty() ? found : note + Phrase{": ", "："} + found);
    }
  }
}

}  // namespace

Markup fooled_section(const Sources& sources) {
  Markup out;
  open_section(out, "fooled", {"How to be fooled", "だまされる方法"});
  paragraph(out, {"Speed-ups of hundreds are often mistakes of measuring. Here are some, made on "
                  "purpose with the same work, and how far each leads astray.",
                  "「何百倍」という数字は、測り方の間違いであることがよくあります。同じ計算を使って"
                  "わざと間違え、どれだけ狂うかを測りました。"});
  std::vector<Mistake> all;
  add_measured(sources, all);
  add_types(sources, all);
  for (const auto& product : all_of(sources, &Result::matmul)) add_product(sources, product, all);
  if (all.empty()) {
    nothing_here(out, {"Nothing of it was measured in this result. It is by: hikaku compare",
                       "この結果では測っていません。測るには：hikaku compare"});
    out.close("section");
    return out;
  }
  out.add(draw(chart_of(all, false)));
  out.add(draw(chart_of(all, true)));
  std::vector<Cells> rows;
  rows.reserve(all.size());
  for (const Mistake& mistake : all) {
    rows.push_back({mistake.name, Phrase::same(pretty_seconds(mistake.wrong)),
                    Phrase::same(pretty_seconds(mistake.right)), lead_phrase(mistake),
                    mistake.why});
  }
  table(out, {"The mistakes in numbers", "間違いの数値"},
        {{"mistake", "間違い"},
         {"it shows", "表示される時間"},
         {"right is", "正しい時間"},
         {"the GPU's lead looks", "GPU の速さの比は"},
         {"why", "理由"}},
        rows);
  add_notebooks(sources, out);
  add_batches(sources, out);
  const bool waited = std::any_of(sources.begin(), sources.end(), [](const Source& source) {
    const auto& fooled = source.result.fooled;
    return std::any_of(fooled.begin(), fooled.end(),
                       [](const FooledResult& one) { return one.id == "no_sync"; });
  });
  if (!waited) {
    nothing_here(out,
                 {"Not measured here: a GPU that is not waited for, the most frequent mistake of "
                  "all. It needs a GPU. A call to it returns as soon as the work is queued.",
                  "ここで測っていないもの：いちばん多い間違い、「GPU の計算が終わるのを待たない」。"
                  "GPU が要ります。GPU の呼び出しは、仕事を予約しただけで戻ります。"});
  }
  out.close("section");
  return out;
}

}  // namespace hikaku
