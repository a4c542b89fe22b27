#include "report/figures.h"

#include <fmt/format.h>

#include <cmath>

#include "report/texts.h"

namespace hikaku {
namespace {

std::string work_of(const UnetResult& unet) {
  const std::string network = unet.network.empty() ? "" : unet.network + " ";
  return fmt::format("{} batch={} size={} {}{}", unet.precision, unet.batch_size, unet.size,
                     network, unet.device);
}

}  // namespace

std::vector<Figure> figures_of(const Result& result) {
  std::vector<Figure> figures;
  for (const MatmulResult& product : result.matmul) {
    figures.push_back({fmt::format("matmul {} n={} {}", product.dtype, product.n, product.device),
                       product.device, product.seconds});
  }
  for (const UnetResult& unet : result.unet) {
    const std::string work = work_of(unet);
    figures.push_back({"train step " + work, unet.device, unet.train.step_seconds});
    figures.push_back({"eval step " + work, unet.device, unet.eval.step_seconds});
  }
  for (const BenchResult& bench : result.bench) {
    figures.push_back({fmt::format("bench {} {} batch={} size={} {}", bench.what, bench.precision,
                                   bench.batch_size, bench.size, bench.device),
                       bench.device, bench.seconds});
  }
  for (const SweepResult& point : result.sweep) {
    figures.push_back({fmt::format("sweep {} n={} {}", point.dtype, point.n, point.device),
                       point.device, point.seconds});
  }
  return figures;
}

std::vector<Figure> further_figures_of(const Result& result) {
  std::vector<Figure> figures;
  const auto add_copies = [&](const char* kind, const auto& item) {
    figures.push_back(
        {fmt::format("{} with copies {} n={} {}", kind, item.dtype, item.n, item.device),
         item.device, item.seconds_with_copies});
  };
  for (const MatmulResult& product : result.matmul) add_copies("matmul", product);
  for (const UnetResult& unet : result.unet) {
    if (!unet.train.profile) continue;
    figures.push_back(
        {"profiled step " + work_of(unet), unet.device, unet.train.profile->step_seconds});
  }
  for (const SweepResult& point : result.sweep) add_copies("sweep", point);
  for (const FooledResult& one : result.fooled) {
    const char* size = one.id == "batch_1" ? "batch" : "n";
    for (const auto& [kind, samples] :
         {std::pair("wrong", &FooledResult::wrong), {"right", &FooledResult::right}}) {
      figures.push_back(
          {fmt::format("{} {} {} {}={} {}", one.id, kind, one.dtype, size, one.n, one.device),
           one.device, one.*samples});
    }
  }
  return figures;
}

std::vector<Figure> single_figures_of(const Result& result) {
  std::vector<Figure> figures;
  const auto add = [&](const std::string& name, const std::string& device, double value,
                       const char* unit) {
    if (std::isfinite(value)) figures.push_back({name, device, {{value}}, unit});
  };
  for (const UnetResult& unet : result.unet) {
    const auto epoch = [&](const char* name, const auto& phase) {
      if (!phase.projected) add(name + work_of(unet), unet.device, phase.seconds, "s");
    };
    epoch("train epoch ", unet.train);
    epoch("eval epoch ", unet.eval);
    if (!unet.train.profile) continue;
    for (const char* part : step_phases) {
      const auto found = unet.train.profile->phase_seconds.find(part);
      if (found == unet.train.profile->phase_seconds.end()) continue;
      add(fmt::format("step {} {}", part, work_of(unet)), unet.device, found->second, "s");
    }
  }
  if (!result.energy) return figures;
  for (const EnergyResult& one : result.energy->work) {
    add(fmt::format("energy {} {} {}, of {}", one.what, one.precision, one.device, one.meter),
        one.device, one.net_joules_each, "J");
  }
  return figures;
}

}  // namespace hikaku
