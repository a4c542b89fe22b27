// The names of result.json for what is known of the machine, its meters and its caveats; see
// result_fields.h.
#pragma once

#include <concepts>
#include <type_traits>

#include "report/result.h"

namespace hikaku {

template <class Self, class T>
concept Is = std::same_as<std::remove_const_t<Self>, T>;

template <Is<Interval> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("median", x.median);
  visit("low", x.low);
  visit("high", x.high);
}

template <Is<Cache> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("level", x.level);
  visit("kind", x.kind);
  visit("bytes", x.bytes);
}

template <Is<CpuFacts> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("model", x.model);
  visit("architecture", x.architecture);
  visit("cores", x.cores);
  visit("cpu_limit", x.cpu_limit);
  visit("threads", x.threads);
  visit("isa", x.isa);
  visit("caches", x.caches);
  visit("governor", x.governor);
  visit("virtualised", x.virtualised);
  visit("load", x.load);
}

template <Is<MemoryFacts> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("total_bytes", x.total);
  visit("available_bytes", x.available);
}

template <Is<GpuFacts> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("name", x.name);
  visit("architecture", x.architecture);
  visit("memory_bytes", x.memory_bytes);
  visit("driver", x.driver);
  visit("multiprocessors", x.multiprocessors);
  visit("clock_hz", x.clock_hz);
}

template <Is<NoGpu> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("id", x.id);
  visit("text", x.text);
}

template <Is<LibraryFacts> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("compiled", x.compiled);
  visit("loaded", x.loaded);
  visit("detail", x.detail);
}

template <Is<Machine> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("cpu", x.cpu);
  visit("memory", x.memory);
  visit("os", x.os);
  visit("kernel", x.kernel);
  visit("gpus", x.gpus);
  visit("no_gpu", x.no_gpu);
  visit("libraries", x.libraries);
}

template <Is<Caveat> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("id", x.id);
  visit("subject", x.subject);
  visit("text", x.text);
  visit("remedy", x.remedy);
}

template <Is<EnergyMeter> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("device", x.device);
  visit("kind", x.kind);
  visit("source", x.source);
  visit("reason", x.reason);
  visit("text", x.text);
  visit("remedy", x.remedy);
  visit("idle_watts", x.idle_watts);
  visit("idle_seconds", x.idle_seconds);
}

template <Is<EnergyResult> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("what", x.what);
  visit("device", x.device);
  visit("precision", x.precision);
  visit("meter", x.meter);
  visit("kind", x.kind);
  visit("reason", x.reason);
  visit("seconds", x.seconds);
  visit("works", x.works);
  visit("joules", x.joules);
  visit("net_joules_each", x.net_joules_each);
  visit("cost_each", x.cost_each);
}

template <Is<EnergyReport> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("price_per_kwh", x.price_per_kwh);
  visit("currency", x.currency);
  visit("window_seconds", x.window_seconds);
  visit("meters", x.meters);
  visit("work", x.work);
}

}  // namespace hikaku
