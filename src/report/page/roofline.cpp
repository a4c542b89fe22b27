#include "report/page/roofline.h"

#include <algorithm>
#include <cmath>

#include "report/line_chart.h"
#include "report/page/sections.h"
#include "report/units.h"

namespace hikaku {
namespace {

/// What a device has in one precision, and what was done with it.
struct Roof {
  const Source* source;
  std::string device, precision;
  double peak, bandwidth;
  std::string_view colour;
  struct Work {
    Phrase name;
    bool step;         ///< of training; else a product
    double intensity;  ///< FLOP a byte
    double rate;       ///< FLOP/s
  };
  std::vector<Work> works;
};

/// Of the types in which a U-Net is trained: others get no roof.
double element_bytes(const std::string& dtype) { return dtype == "f16" || dtype == "bf16" ? 2 : 4; }

void add_product(const MatmulResult& product, Roof& roof) {
  const auto n = static_cast<double>(product.n);
  roof.works.push_back({say("product, n = {}", "行列の積、n = {}", product.n), false,
                        2 * n / 3 / element_bytes(product.dtype), product.flops_per_second});
}

void add_steps(const Result& result, Roof& roof) {
  for (const UnetResult& unet : result.unet) {
    const TrainResult& train = unet.train;
    if (unet.device != roof.device || unet.precision != roof.precision) continue;
    if (train.step_seconds.values.empty() || !std::isfinite(train.step_flops)) continue;
    roof.works.push_back({{"U-Net training step", "U-Net の学習ステップ"},
                          true,
                          train.step_flops / train.step_bytes,
                          train.step_flops / train.step_seconds.median()});
  }
}

/// f32 on each device, and the other precisions in which a U-Net was trained there.
std::vector<Roof> roofs_of(const Sources& sources) {
  std::vector<Roof> roofs;
  CurveColours colours;
  for (const auto& [source, product] : all_of(sources, &Result::matmul)) {
    const Result& result = source->result;
    const auto bandwidth = std::find_if(
        result.bandwidth.begin(), result.bandwidth.end(),
        [&device = product->device](const BandwidthResult& one) { return one.device == device; });
    const double peak = product->peak_flops_per_second;
    if (bandwidth == result.bandwidth.end() || !(peak > 0)) continue;
    Roof roof{source, product->device, product->dtype, peak, bandwidth->bytes_per_second, {}, {}};
    add_product(*product, roof);
    add_steps(result, roof);
    const bool known = std::any_of(roofs.begin(), roofs.end(), [&](const Roof& other) {
      return other.source == roof.source && other.device == roof.device &&
             other.precision == roof.precision;
    });
    if (known || (product->dtype != "f32" && roof.works.size() == 1)) continue;
    roof.colour = colours.next(product->device);
    roofs.push_back(std::move(roof));
  }
  return roofs;
}

LineChart chart_of(const Sources& sources, const std::vector<Roof>& roofs) {
  LineChart chart{
      .title = {"Under the roofs of arithmetic and memory", "計算とメモリの 2 つの屋根の下で"},
      .description = {"Operations a second over operations a byte, both axes "
                      "logarithmic: a roof for each device and precision, and a point "
                      "for each work.",
                      "1 バイトあたりの演算数に対する速度。両軸とも対数。デバイスと精度"
                      "ごとに屋根が 1 つ、計算ごとに点が 1 つ。"},
      .x_axis = {"operations a byte (log)", "1 バイトあたりの演算数（対数）"},
      .y_axis = {"TFLOP/s (log)", "TFLOP/s（対数）"},
      .x_format = pretty_number,
      .y_format = [](double rate) { return pretty_number(1e-12 * rate); },
      .log_x = true,
      .log_y = true,
      .series = {},
      .marker = {}};
  double least = 1, most = 1;
  for (const Roof& one : roofs) {
    least = std::min(least, one.peak / one.bandwidth / 10);
    most = std::max(most, one.peak / one.bandwidth * 4);
    for (const Roof::Work& work : one.works) most = std::max(most, 2 * work.intensity);
  }
  for (const Roof& one : roofs) {
    const Phrase name = noted(sources, *one.source, device_and_type(one.device, one.precision));
    const double ridge = one.peak / one.bandwidth;
    Series line{name + Phrase{": roof", "：屋根"}, one.colour, {}, is_gpu(one.device)};
    for (const double x : {least, ridge, most}) {
      line.points.emplace_back(x, roof(one.peak, one.bandwidth, x));
    }
    chart.series.push_back(std::move(line));
    for (const Roof::Work& work : one.works) {
      chart.series.push_back({name + Phrase{", ", "、"} + work.name,
                              one.colour,
                              {{work.intensity, work.rate}},
                              work.step,
                              true});
    }
  }
  return chart;
}

std::vector<Cells> table_of(const Sources& sources, const std::vector<Roof>& roofs) {
  std::vector<Cells> rows;
  for (const Roof& one : roofs) {
    for (const Roof::Work& work : one.works) {
      const double allowed = roof(one.peak, one.bandwidth, work.intensity);
      const bool by_memory = allowed < one.peak;
      rows.push_back(
          {noted(sources, *one.source, device_and_type(one.device, one.precision)) +
               Phrase{", ", "、"} + work.name,
           Phrase::same(pretty_number(work.intensity)),
           Phrase::same(pretty_flops(work.rate)) +
               (work.step ? Phrase{" (equivalent)", "（換算）"} : Phrase{}),
           Phrase::same(pretty_flops(allowed)) + (by_memory ? Phrase{" (memory)", "（メモリ）"}
                                                            : Phrase{" (arithmetic)", "（計算）"}),
           Phrase::same(pretty_percent(work.rate / allowed)),
           Phrase::same(pretty_number(1e-9 * one.bandwidth) + " GB/s")});
    }
  }
  return rows;
}

}  // namespace

double roof(double peak_flops, double bytes_per_second, double flops_per_byte) {
  return std::min(peak_flops, bytes_per_second * flops_per_byte);
}

Markup roofline_chart(const Sources& sources) {
  Markup out;
  const auto roofs = roofs_of(sources);
  if (roofs.empty()) return out;
  out.element("h3", Phrase{"The roofline", "ルーフライン"});
  paragraph(
      out,
      {"Nothing is faster than the arithmetic of a device, the flat part of its roof, nor than "
       "its memory brings numbers, the sloping part. Few operations a byte: the memory "
       "decides; many: the arithmetic.",
       "どの計算も、装置の演算の速さ（屋根の平らな部分）と、メモリがデータを運ぶ速さ（斜めの部分"
       "）を超えられません。1 バイトあたりの演算が少なければメモリが、多ければ演算が速さを決めま"
       "す。"});
  out.add(draw(chart_of(sources, roofs)));
  table(out, {"The roofline in numbers", "ルーフラインの数値"},
        {{"work", "計算"},
         {"operations a byte", "1 バイトあたりの演算"},
         {"rate", "速度"},
         {"its roof", "屋根の高さ"},
         {"reached", "到達率"},
         {"memory, measured", "メモリ（実測）"}},
        table_of(sources, roofs));
  out.open("p")
      .element(
          "small",
          Phrase{
              "Memory is measured on both devices, a CPU's arithmetic as well; a GPU's is "
              "reckoned. The bytes of a step are counted as if each operation read and wrote "
              "each of its arrays once, its operations by the definition. The CPU's "
              "convolutions (Winograd) do fewer, so its rate is an equivalent one and may pass the "
              "roof.",
              "メモリは両方とも実測、演算は CPU が実測、GPU は計算値です。ステップのバイト数は、"
              "各演算が配列を 1 回ずつ読み書きするとして数え、演算数は定義どおりに数えました。"
              "CPU "
              "の畳み込み（Winograd）の実際の演算はそれより少ないため、換算した速度は屋根を超えるこ"
              "とが"
              "あります。"})
      .close("p");
  return out;
}

}  // namespace hikaku
