#include "compare/energy_watch.h"

#include <cmath>

#include "base/clock.h"
#include "base/signals.h"

namespace hikaku {
namespace {

constexpr double joules_per_kwh = 3.6e6;

}  // namespace

EnergyWatch::EnergyWatch(std::vector<OpenMeter> meters, EnergyReport& report)
    : meters_(std::move(meters)), report_(report) {
  for (const OpenMeter& meter : meters_.all()) report_.meters.push_back(meter.facts);
}

void EnergyWatch::measure_idle() {
  if (!on()) return;
  meters_.measure_idle(report_.window_seconds);
  report_.meters.clear();
  for (const OpenMeter& meter : meters_.all()) report_.meters.push_back(meter.facts);
}

void EnergyWatch::repeat(const std::string& what, const std::string& device,
                         const std::string& precision, const std::function<void()>& once) {
  if (!on()) return;
  double works = 0;
  begin();
  const double start = clock_seconds();  // behind it: reading the counters takes milliseconds
  do {
    stop_if_requested();
    once();
    ++works;
  } while (clock_seconds() - start < report_.window_seconds);
  add(what, device, precision, end(), works);
}

void EnergyWatch::add(const std::string& what, const std::string& device,
                      const std::string& precision, const EnergyWindow& window, double works) {
  for (std::size_t i = 0; i < report_.meters.size(); ++i) {
    const EnergyMeter& meter = report_.meters[i];
    if (meter.device != device && meter.device != "cpu") continue;
    if (meter.kind == "unavailable") continue;
    EnergyResult& result = report_.work.emplace_back(
        judge_energy(meter, window.seconds, window.joules[i], works, report_.price_per_kwh));
    result.what = what;
    result.device = device;
    result.precision = precision;
  }
}

EnergyResult judge_energy(const EnergyMeter& meter, double seconds, double joules, double works,
                          double price_per_kwh) {
  EnergyResult result;
  result.meter = meter.device;
  result.kind = meter.kind;
  result.reason = meter.reason;
  result.seconds = seconds;
  result.works = works;
  if (!std::isfinite(joules) || joules <= 0) {
    result.kind = "unavailable";
    result.reason = std::isfinite(joules) ? "counter_stands" : "counter_failed";
    return result;
  }
  if (seconds < shortest_energy_window) {
    result.kind = "estimated";
    result.reason = "short_window";
  }
  result.joules = joules;
  result.net_joules_each = (joules - meter.idle_watts * seconds) / works;
  result.cost_each = result.net_joules_each / joules_per_kwh * price_per_kwh;
  return result;
}

}  // namespace hikaku
