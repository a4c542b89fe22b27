#include "app/comparison.h"

#include <fmt/format.h>

#include "app/experiment.h"
#include "app/meters.h"
#include "compare/bandwidth.h"
#include "compare/speedups.h"

namespace hikaku {
namespace {

/// The CPU, and the GPU that is compared with it; empty names where one of them is missing.
SameWork pair_of(const Devices& devices) {
  SameWork pair;
  for (const auto& device : devices.opened) {
    (is_cpu(*device) ? pair.baseline : pair.device) = device->name();
  }
  return pair;
}

std::vector<std::string> names_of(const Devices& devices) {
  std::vector<std::string> names;
  for (const auto& device : devices.opened) names.push_back(device->name());
  return names;
}

}  // namespace

void Comparison::declare_energy(Options& options) {
  options.number("--energy-seconds", energy_seconds, 0, 600,
                 {"energy is counted for so long each time; 0: not at all",
                  "電力量を測る時間（秒）。0 なら測らない"});
  options.number("--price", price, 0, 1e9, {"of a kWh, in --currency", "1 kWh の値段"});
  options.text("--currency", currency, "NAME", {"of --price", "その通貨"});
}

void Comparison::shorten() {
  quick = true;
  product.stopping = {.min_samples = 3, .max_samples = 5, .budget_seconds = 3};
  training.max_train_steps = 4;
  training.max_eval_steps = 2;
  training.profile_steps = 2;
}

void Comparison::check(const Context& context, const Devices& devices) {
  if (devices.opened.size() == 1 && is_cpu(devices.front())) {
    require_cpu_precision(training.precision);
  }
  training.check(context);
}

void Comparison::run(const Context& context, const Devices& devices, Result& result) const {
  SameWork proof = pair_of(devices);
  result.energy = EnergyReport{price, currency, energy_seconds, {}, {}};
  EnergyWatch energy(open_meters(names_of(devices)), *result.energy);
  if (energy.on()) context.console.note("idle, so that its watts are known");
  energy.measure_idle();
  Race race(context.console, context.settings.language);
  run_products(context, devices, result, proof, {energy, race});
  run_trainings(context, devices, result, proof, {energy, race});
  for (const auto& device : devices.opened) {
    if (auto bandwidth = measure_bandwidth(*device)) result.bandwidth.push_back(*bandwidth);
  }
  result.speedups = speedups(result);
  if (proof.baseline.empty() || proof.device.empty()) return;
  if (!is_proven(proof)) {
    result.caveats.push_back(
        make_caveat(CaveatId::different_work, fmt::format("{}, {}", proof.baseline, proof.device)));
  }
  result.same_work = std::move(proof);
}

void Comparison::run_products(const Context& context, const Devices& devices, Result& result,
                              SameWork& proof, const Watchers& watchers) const {
  ProductProof products;
  const ProductExtras extras{.beside_gpu = devices.opened.size() > 1,
                             .look =
                                 [&](const MatmulParams& params, Backend& device, const void* c) {
                                   const bool paired =
                                       !proof.baseline.empty() && !proof.device.empty();
                                   if (paired && std::string_view(name_of(params)) == "f32")
                                     products.look(params, device, c);
                                 },
                             .energy = &watchers.energy,
                             .race = &watchers.race,
                             .energy_of_f32_only = quick};
  for (const auto& device : devices.opened) product.run(context, *device, result, extras);
  products.tell(proof);
}

void Comparison::run_trainings(const Context& context, const Devices& devices, Result& result,
                               SameWork& proof, const Watchers& watchers) const {
  TrainingWitness baseline;
  const bool has_baseline = !proof.baseline.empty();
  baseline.is_baseline = !proof.device.empty();
  const auto train = [&](Backend& device) {
    TrainingWitness witness;
    if (has_baseline) witness.baseline = &baseline.trace;
    training.run(context, device, result, &witness, &watchers.energy, &watchers.race);
    if (has_baseline) add_training(baseline.trace, witness.trace, proof);
  };
  for (const auto& device : devices.opened) {
    if (!is_cpu(*device)) continue;
    training.run(context, *device, result, &baseline, &watchers.energy, &watchers.race);
  }
  for (const auto& device : devices.opened) {
    if (is_cpu(*device)) continue;
    train(*device);
    if (const auto best = open_best(context, device->name(), result)) train(*best);
  }
}

std::unique_ptr<Backend> Comparison::open_best(const Context& context, const std::string& device,
                                               Result& result) const {
  const auto open = [&](const std::string& precision) {
    return open_device(context, device, {precision, deterministic});
  };
  if (training.precision == "f32") return nullptr;
  if (!training.precision.empty()) return open(training.precision);
  for (const char* precision : {"bf16", "f16"}) {
    try {
      return open(precision);
    } catch (const Error& error) {
      if (error.code() != ExitCode::usage) throw;
      result.caveats.push_back(
          make_caveat(CaveatId::not_on_this_gpu, fmt::format("unet {} on {}", precision, device)));
    }
  }
  return nullptr;
}

}  // namespace hikaku
