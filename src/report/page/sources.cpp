#include "report/page/sources.h"

#include <algorithm>
#include <cmath>

#include "report/units.h"

namespace hikaku {
namespace {

/// All pairs of a CPU's and a GPU's items of one machine for which `same_work` holds, the better
/// ones (`rank`, smaller first) before the others.
template <class T, class SameWork, class Rank>
std::vector<Pair<T>> pairs(const std::vector<Found<T>>& all, const SameWork& same_work,
                           const Rank& rank) {
  std::vector<Pair<T>> found;
  for (const Found<T>& cpu : all) {
    if (is_gpu(cpu.item->device)) continue;
    for (const Found<T>& gpu : all) {
      if (!is_gpu(gpu.item->device) || cpu.source->recorded != gpu.source->recorded) continue;
      const Machine& one = cpu.source->result.machine;
      if (same_machine(one, gpu.source->result.machine) && same_work(*cpu.item, *gpu.item)) {
        found.push_back({cpu, gpu});
      }
    }
  }
  std::stable_sort(found.begin(), found.end(), [&](const Pair<T>& a, const Pair<T>& b) {
    if (a.recorded() != b.recorded()) return b.recorded();
    return rank(a) < rank(b);
  });
  return found;
}

}  // namespace

bool same_machine(const Machine& one, const Machine& other) {
  return one.cpu.model == other.cpu.model && one.cpu.threads == other.cpu.threads &&
         one.memory.total == other.memory.total;
}

bool is_gpu(const std::string& device) { return device.starts_with("cuda"); }

Phrase device_phrase(const std::string& device) {
  if (device == "cpu") return Phrase::same("CPU");
  if (device == "cuda" || device == "cuda:0") return Phrase::same("GPU");
  if (device.starts_with("cuda:")) return Phrase::same("GPU " + device.substr(5));
  return Phrase::same(device);
}

std::string_view device_colour(const std::string& device) { return is_gpu(device) ? "gpu" : "cpu"; }

Phrase machine_phrase(const Machine& machine) {
  const std::string model = machine.cpu.model.empty() ? "CPU" : machine.cpu.model;
  Phrase name = say("{}, {} threads", "{}、{} スレッド", model, machine.cpu.threads);
  for (const GpuFacts& gpu : machine.gpus) name = name + Phrase{"; " + gpu.name, "、" + gpu.name};
  return name;
}

Phrase source_note(const Sources& sources, const Source& source) {
  const Machine& machine = source.result.machine;
  if (source.recorded) {
    const Phrase name = machine_phrase(machine);
    return {fmt::format("recorded: {} ({})", name.en, source.name),
            fmt::format("記録：{}（{}）", name.ja, source.name)};
  }
  const bool alone = std::all_of(sources.begin(), sources.end(), [&](const Source& other) {
    return other.recorded || same_machine(other.result.machine, machine);
  });
  if (alone) return {};
  const Phrase name = machine_phrase(machine);
  return {fmt::format("{} ({})", name.en, source.name),
          fmt::format("{}（{}）", name.ja, source.name)};
}

std::vector<Pair<UnetResult>> unet_pairs(const Sources& sources) {
  return pairs(
      all_of(sources, &Result::unet),
      [](const UnetResult& cpu, const UnetResult& gpu) {
        return cpu.batch_size == gpu.batch_size && cpu.size == gpu.size &&
               cpu.train.images == gpu.train.images;
      },
      [](const Pair<UnetResult>& pair) {
        const bool alike = pair.cpu.item->precision == pair.gpu.item->precision;
        return std::pair(!alike, pair.gpu.item->train.seconds);
      });
}

std::vector<Pair<MatmulResult>> matmul_pairs(const Sources& sources) {
  return pairs(
      all_of(sources, &Result::matmul),
      [](const MatmulResult& cpu, const MatmulResult& gpu) { return cpu.n == gpu.n; },
      [](const Pair<MatmulResult>& pair) {
        const bool alike = pair.cpu.item->dtype == pair.gpu.item->dtype;
        return std::tuple(!alike, pair.cpu.item->dtype != "f32", -pair.cpu.item->n);
      });
}

}  // namespace hikaku
