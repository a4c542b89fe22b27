// The matrix product: how fast, how near to what the device can do, and whether it was right.
#include <algorithm>
#include <cmath>
#include <set>

#include "report/page/roofline.h"
#include "report/page/sections.h"
#include "report/page/sweep.h"
#include "report/row_chart.h"
#include "report/units.h"

namespace hikaku {
namespace {

using Products = std::vector<Found<MatmulResult>>;

Phrase row_name(const MatmulResult& product) {
  return device_and_type(product.device, product.dtype);
}

/// The rate's spread comes from that of the times: the slowest sample is the lowest rate.
ChartRow rate_row(const Sources& sources, const Found<MatmulResult>& found) {
  const MatmulResult& product = *found.item;
  const double work = product.flops_per_second * product.seconds.median();
  const double half = product.seconds.mad();
  return {.name = row_name(product),
          .note = source_note(sources, *found.source),
          .segments = {{product.flops_per_second, device_colour(product.device), {}}},
          .value = Phrase::same(pretty_flops(product.flops_per_second)),
          .low = work / (product.seconds.median() + half),
          .high = work / (product.seconds.median() - half),
          .samples = {},
          .recorded = found.source->recorded};
}

Cells table_row(const Sources& sources, const Found<MatmulResult>& found) {
  const MatmulResult& product = *found.item;
  const Phrase verdict = product.verified ? Phrase{"right", "正しい"} : Phrase{"WRONG", "誤り"};
  const Phrase peak{product.peak_kind == "measured" ? "measured" : "reckoned",
                    product.peak_kind == "measured" ? "実測" : "理論値"};
  return {noted(sources, *found.source, row_name(product)),
          Phrase::same(pretty_median(product.seconds)),
          Phrase::same(pretty_seconds(product.seconds_with_copies.median())),
          Phrase::same(pretty_seconds(product.first_call_seconds)),
          Phrase::same(pretty_flops(product.flops_per_second)),
          Phrase::same(pretty_percent(product.fraction_of_peak)) + Phrase{" (", "（"} + peak +
              Phrase{")", "）"},
          verdict,
          Phrase::same(product.implementation)};
}

void products_of_size(const Sources& sources, const Products& all, std::int64_t n, Markup& out) {
  RowChart chart{
      say("C = A x B with n = {}: longer is better", "C = A × B、n = {}（長いほど速い）", n),
      {"operations a second", "1 秒あたりの演算数"},
      pretty_flops,
      {}};
  std::vector<Cells> rows;
  for (const Found<MatmulResult>& found : all) {
    if (found.item->n != n) continue;
    chart.rows.push_back(rate_row(sources, found));
    rows.push_back(table_row(sources, found));
  }
  out.add(draw(chart));
  table(out, say("Products with n = {}", "n = {} の積", n),
        {{"device and type", "デバイスと型"},
         {"time (median, spread)", "時間（中央値とばらつき）"},
         {"with copies", "転送込み"},
         {"very first call", "最初の 1 回"},
         {"rate", "速度"},
         {"share of the peak", "ピークに対する割合"},
         {"result", "検証"},
         {"computed by", "計算した実装"}},
        rows);
}

/// The products at each size, and how to read them.
void products(const Sources& sources, const Products& all, Markup& out) {
  std::set<std::int64_t> sizes;
  for (const Found<MatmulResult>& found : all) sizes.insert(found.item->n);
  for (const std::int64_t n : sizes) products_of_size(sources, all, n, out);
  paragraph(
      out,
      {"The line at the end of a bar is the spread of its samples. The peak of a CPU is the "
       "largest rate of multiply-adds that it reached in the same run; that of a GPU is reckoned: "
       "multiprocessors times operations a clock times the highest clock, which it seldom keeps. "
       "\"Right\" means: exact on whole numbers, and the timed product passed a random "
       "check (Freivalds) that a wrong element escapes once in a million.",
       "棒の端の線は測定のばらつきです。CPU のピークは、同じ実行の中で実際に出した積和演算の最高"
       "速度です。GPU のピークは計算値（演算器の数 × 1 クロックの演算数 × 最高クロック）で、この"
       "クロックが続くことはまれです。「正しい」とは、整数の行列では誤差がなく、時間を測った積も"
       "乱数による検査（フレイバルズの方法。誤った要素を見逃すのは百万回に 1 回）に通ったことを"
       "表します。"});
  const bool has_f32x = std::any_of(all.begin(), all.end(), [](const Found<MatmulResult>& found) {
    return found.item->dtype == "f32x";
  });
  if (!has_f32x) return;
  paragraph(
      out, {"f32x makes each product of f32 out of three of f16, so its rate is an equivalent one "
            "and its peak a third of f16's.",
            "f32x は f32 の積 1 回を f16 の積 3 回で作ります。その速度は f32 に換算した値で、ピーク"
            "は f16 の 3 分の 1 です。"});
}

}  // namespace

Markup product_section(const Sources& sources) {
  Markup out;
  open_section(out, "product", {"The matrix product", "行列の積"});
  paragraph(out,
            {"Each element of C is a sum of n products: n x n x n multiplications and as many "
             "additions, and no element has to wait for another. That is the work a GPU is "
             "made for, and most of what a neural network does.",
             "C の要素は、どれも n 個の積の和です。全体では n × n × n 回の掛け算と足し算になり、"
             "どの要素もほかの要素を待たずに計算できます。GPU がもっとも得意とする仕事であり、"
             "ニューラルネットワークの計算のほとんどもこれです。"});
  const Products all = all_of(sources, &Result::matmul);
  if (all.empty()) {
    nothing_here(out, {"This result holds no matrix product. It is measured by: hikaku matmul",
                       "この結果には行列の積がありません。測るには：hikaku matmul"});
  } else {
    products(sources, all, out);
  }
  const Markup sizes = sweep_chart(sources);
  if (sizes.str().empty()) {
    nothing_here(out,
                 {"The product at many sizes, small ones included, is measured by: hikaku matmul "
                  "--sweep",
                  "いろいろな大きさの積（小さいものも）を測るには：hikaku matmul --sweep"});
  } else {
    out.add(sizes);
    paragraph(
        out,
        {"Small products are over before a GPU has begun: asking it costs some microseconds, "
         "whatever the size. Both axes are logarithmic: the same distance is the same factor "
         "everywhere.",
         "小さな積は、GPU が動き出す前に終わります。大きさに関係なく、GPU に頼むだけで数マイクロ"
         "秒かかるからです。両軸とも対数なので、どこでも同じ距離が同じ倍率を表します。"});
  }
  const Markup roofline = roofline_chart(sources);
  if (roofline.str().empty()) {
    nothing_here(out,
                 {"The roofline needs the memory's speed, which is measured by: hikaku compare",
                  "ルーフラインに要るメモリの速さを測るには：hikaku compare"});
  } else {
    out.add(roofline);
  }
  out.close("section");
  return out;
}

}  // namespace hikaku
