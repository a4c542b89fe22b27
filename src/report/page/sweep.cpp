// The product at many sizes, and the size from which a GPU pays.
#include "report/page/sweep.h"

#include <cmath>
#include <map>

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

/// Where this GPU begins to win, or who wins at every size.
Phrase crossover_phrase(const Sources& sources, const Curve& cpu, const Curve& gpu) {
  const double n = crossover(cpu.points, gpu.points);
  const Phrase name = name_of(sources, gpu);
  if (std::isfinite(n)) {
    return name +
           say(": faster than the CPU from n = {:.0f} on. ", "：n = {:.0f} から CPU より速い。", n);
  }
  const bool wins = gpu.points.back().second < cpu.points.back().second;
  return name + (wins ? Phrase{": faster than the CPU at every size that was measured. ",
                               "：測ったどの大きさでも CPU より速い。"}
                      : Phrase{": slower than the CPU at every size that was measured. ",
                               "：測ったどの大きさでも CPU より遅い。"});
}

}  // namespace

double crossover(const std::vector<std::pair<double, double>>& cpu,
                 const std::vector<std::pair<double, double>>& gpu) {
  double last_n = 0, last_lead = 0;
  for (const auto& [n, seconds] : cpu) {
    const auto other = std::find_if(gpu.begin(), gpu.end(),
                                    [n = n](const auto& point) { return point.first == n; });
    if (other == gpu.end()) continue;
    const double lead = std::log(seconds / other->second);  // above 0: the GPU is faster
    if (last_n > 0 && last_lead <= 0 && lead > 0) {
      const double share = -last_lead / (lead - last_lead);
      return last_n * std::pow(n / last_n, share);
    }
    last_n = n;
    last_lead = lead;
  }
  return not_measured;
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
  for (const Curve& curve : curves) {
    chart.series.push_back({name_of(sources, curve),
                            curve.with_copies ? "fourth" : device_colour(curve.device),
                            curve.points, is_gpu(curve.device)});
  }
  for (const Curve& cpu : curves) {
    for (const Curve& gpu : curves) {
      if (is_gpu(cpu.device) || !is_gpu(gpu.device) || gpu.with_copies) continue;
      const double n = crossover(cpu.points, gpu.points);
      if (chart.marker || !std::isfinite(n) || cpu.dtype != gpu.dtype) continue;
      chart.marker = {n, say("from n = {:.0f} on the GPU wins", "n = {:.0f} から GPU の勝ち", n)};
    }
  }
  Markup out = draw(chart);
  Phrase found;
  for (const Curve& cpu : curves) {
    for (const Curve& gpu : curves) {
      const bool pair = !is_gpu(cpu.device) && is_gpu(gpu.device) && cpu.dtype == gpu.dtype &&
                        cpu.source == gpu.source;
      if (pair) found = found + crossover_phrase(sources, cpu, gpu);
    }
  }
  if (!found.en.empty()) out.element("p", found);
  return out;
}

}  // namespace hikaku
