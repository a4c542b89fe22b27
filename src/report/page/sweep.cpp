// The product at many sizes, and the size from which a GPU pays.
#include "report/page/sweep.h"

#include <cmath>

#include "report/line_chart.h"
#include "report/units.h"

namespace hikaku {
namespace {

struct Curve {
  const Source* source;
  std::string device, dtype;
  bool with_copies;
  std::vector<std::pair<double, double>> points;
};

std::vector<Curve> curves_of(const Sources& sources) {
  std::vector<Curve> curves;
  const auto add = [&](const Source* source, const SweepResult& point, const Samples& samples,
                       bool with_copies) {
    if (samples.values.empty()) return;
    auto curve = std::find_if(curves.begin(), curves.end(), [&](const Curve& other) {
      return other.source == source && other.device == point.device && other.dtype == point.dtype &&
             other.with_copies == with_copies;
    });
    if (curve == curves.end()) {
      curve = curves.insert(curves.end(), {source, point.device, point.dtype, with_copies, {}});
    }
    curve->points.emplace_back(static_cast<double>(point.n), samples.median());
  };
  for (const auto& [source, point] : all_of(sources, &Result::sweep)) {
    add(source, *point, point->seconds, false);
    add(source, *point, point->seconds_with_copies, true);
  }
  for (Curve& curve : curves) std::sort(curve.points.begin(), curve.points.end());
  return curves;
}

Phrase name_of(const Sources& sources, const Curve& curve) {
  Phrase name = device_and_type(curve.device, curve.dtype);
  if (curve.with_copies) name = name + Phrase{" with copies", "（転送込み）"};
  return noted(sources, *curve.source, name);
}

/// The same product on a CPU and a GPU of one result.
struct CurvePair {
  const Curve *cpu, *gpu;
  double crossover;
};

std::vector<CurvePair> pairs_of(const std::vector<Curve>& curves) {
  std::vector<CurvePair> pairs;
  for (const Curve& cpu : curves) {
    for (const Curve& gpu : curves) {
      const bool alike = cpu.source == gpu.source && cpu.dtype == gpu.dtype;
      if (!alike || is_gpu(cpu.device) || !is_gpu(gpu.device)) continue;
      pairs.push_back({&cpu, &gpu, crossover(cpu.points, gpu.points)});
    }
  }
  return pairs;
}

/// Where this GPU begins to win, or who wins at every size.
Phrase crossover_phrase(const Sources& sources, const CurvePair& pair) {
  const Phrase name = name_of(sources, *pair.gpu);
  if (std::isfinite(pair.crossover)) {
    return name + say(": faster than the CPU from n = {:.0f} on. ",
                      "：n = {:.0f} から CPU より速い。", pair.crossover);
  }
  const bool wins = pair.gpu->points.back().second < pair.cpu->points.back().second;
  return name + (wins ? Phrase{": faster than the CPU at every size that was measured. ",
                               "：測ったどの大きさでも CPU より速い。"}
                      : Phrase{": slower than the CPU at the largest size that was measured. ",
                               "：測ったいちばん大きな行列でも CPU より遅い。"});
}

}  // namespace

double crossover(const std::vector<std::pair<double, double>>& cpu,
                 const std::vector<std::pair<double, double>>& gpu) {
  double found = not_measured, last_n = 0, last_lead = 0;
  for (const auto& [n, seconds] : cpu) {
    const auto other = std::find_if(gpu.begin(), gpu.end(),
                                    [n = n](const auto& point) { return point.first == n; });
    if (other == gpu.end()) continue;
    const double lead = std::log(seconds / other->second);  // above 0: the GPU is faster
    if (lead <= 0) {
      found = not_measured;
    } else if (last_n > 0 && last_lead <= 0) {
      found = last_n * std::pow(n / last_n, -last_lead / (lead - last_lead));
    }
    last_n = n;
    last_lead = lead;
  }
  return found;
}

Phrase break_even(const Sources& sources) {
  const auto curves = curves_of(sources);
  for (const CurvePair& pair : pairs_of(curves)) {
    if (pair.cpu->source->recorded || pair.gpu->with_copies || !std::isfinite(pair.crossover)) {
      continue;
    }
    return say(
        "Small work is another matter: up to n = {:.0f} the CPU multiplies matrices faster.",
        "小さな仕事では話が変わります。行列の積は n = {:.0f} までは CPU のほうが速いのです。",
        pair.crossover);
  }
  return {};
}

Markup sweep_chart(const Sources& sources) {
  const auto curves = curves_of(sources);
  LineChart chart{.title = {"The same product at many sizes", "いろいろな大きさの行列の積"},
                  .description = {"Time over the size of the matrices, both axes logarithmic.",
                                  "行列の大きさに対する時間。両軸とも対数。"},
                  .x_axis = {"rows and columns n (log)", "行と列の数 n（対数）"},
                  .y_axis = {"time (log)", "時間（対数）"},
                  .x_format = pretty_count,
                  .y_format = pretty_seconds,
                  .log_x = true,
                  .log_y = true,
                  .series = {},
                  .marker = {}};
  CurveColours colours;
  for (const Curve& curve : curves) {
    chart.series.push_back(
        {name_of(sources, curve), colours.next(curve.device), curve.points, is_gpu(curve.device)});
  }
  const auto pairs = pairs_of(curves);
  Phrase found;
  for (const CurvePair& pair : pairs) {
    found = found + crossover_phrase(sources, pair);
    if (chart.marker || pair.gpu->with_copies || !std::isfinite(pair.crossover)) continue;
    chart.marker = {pair.crossover, say("from n = {:.0f} on the GPU wins",
                                        "n = {:.0f} から GPU の勝ち", pair.crossover)};
  }
  Markup out = draw(chart);
  if (!found.en.empty()) out.element("p", found);
  return out;
}

}  // namespace hikaku
