#include "report/page/sources.h"

#include <array>

#include "report/units.h"

namespace hikaku {
namespace {

bool same_work(const UnetResult& one, const UnetResult& other) {
  return one.batch_size == other.batch_size && one.size == other.size &&
         one.train.images == other.train.images;
}

/// All pairs of a CPU's and a GPU's items of one machine for which `alike` holds, the better
/// ones (`rank`, smaller first) before the others.
template <class T, class Alike, class Rank>
std::vector<DevicePair<T>> pairs(const std::vector<Found<T>>& all, const Alike& alike,
                                 const Rank& rank) {
  std::vector<DevicePair<T>> found;
  for (const Found<T>& cpu : all) {
    if (is_gpu(cpu.item->device)) continue;
    for (const Found<T>& gpu : all) {
      if (!is_gpu(gpu.item->device) || cpu.source->recorded != gpu.source->recorded) continue;
      const Machine& one = cpu.source->result.machine;
      if (same_machine(one, gpu.source->result.machine) && alike(*cpu.item, *gpu.item)) {
        found.push_back({cpu, gpu});
      }
    }
  }
  std::stable_sort(found.begin(), found.end(), [&](const DevicePair<T>& a, const DevicePair<T>& b) {
    if (a.recorded() != b.recorded()) return b.recorded();
    return rank(a) < rank(b);
  });
  return found;
}

/// The speed-up that is `wanted` but for its ratio, as sources.h says.
Interval told_or_computed(const Source& cpu, const Source& gpu, const Speedup& wanted,
                          const Samples& slow, const Samples& fast) {
  for (const Speedup& told : cpu.result.speedups) {
    const bool same = told.what.starts_with(wanted.what + " ") && told.device == wanted.device &&
                      told.baseline_precision == wanted.baseline_precision &&
                      told.device_precision == wanted.device_precision;
    if (same && &cpu == &gpu) return told.ratio;
  }
  return ratio_of_medians(slow, fast, cpu.result.seed);
}

std::string stem(const std::string& file) {
  return file.ends_with(".json") ? file.substr(0, file.size() - 5) : file;
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

std::string_view CurveColours::next(const std::string& device) {
  constexpr std::array<std::string_view, 5> others{"fourth", "third", "fifth", "bad", "rest"};
  bool& used = is_gpu(device) ? gpu_ : cpu_;
  if (!std::exchange(used, true)) return device_colour(device);
  return others[others_++ % others.size()];
}

Phrase machine_phrase(const Machine& machine) {
  const std::string model = machine.cpu.model.empty() ? "CPU" : machine.cpu.model;
  Phrase name = say("{}, {} threads", "{}、{} スレッド", model, machine.cpu.threads);
  for (const GpuFacts& gpu : machine.gpus) name = name + Phrase{"; " + gpu.name, "、" + gpu.name};
  return name;
}

Phrase source_note(const Sources& sources, const Source& source) {
  const Machine& machine = source.result.machine;
  if (source.recorded) return say("recorded: {}", "記録：{}", stem(source.name));
  const auto own = [&](const auto& holds) {
    return std::all_of(sources.begin(), sources.end(),
                       [&](const Source& other) { return other.recorded || holds(other); });
  };
  if (own([&](const Source& other) { return &other == &source; })) return {};
  if (own([&](const Source& other) { return same_machine(other.result.machine, machine); })) {
    return Phrase::same(stem(source.name));
  }
  const Phrase name = machine_phrase(machine);
  return {fmt::format("{} ({})", name.en, stem(source.name)),
          fmt::format("{}（{}）", name.ja, stem(source.name))};
}

std::size_t machine_rank(const Sources& sources, const Source& source) {
  std::size_t rank = 0;
  while (!same_machine(sources[rank].result.machine, source.result.machine)) ++rank;
  return source.recorded ? rank + sources.size() : rank;
}

std::vector<Workload> workloads(const Sources& sources) {
  std::vector<Workload> groups;
  for (const Found<UnetResult>& found : all_of(sources, &Result::unet)) {
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const Workload& other) {
      const UnetResult &one = *other[0].item, &two = *found.item;
      return other[0].source->recorded == found.source->recorded && same_work(one, two);
    });
    if (group == groups.end()) {
      groups.push_back({found});
    } else {
      group->push_back(found);
    }
  }
  return groups;
}

double slowest_epoch(const Sources& sources, const Workload& workload) {
  double slowest = 0;
  for (const Found<UnetResult>& found : all_of(sources, &Result::unet)) {
    const bool finite = std::isfinite(found.item->train.seconds);
    if (finite && same_work(*workload[0].item, *found.item)) {
      slowest = std::max(slowest, found.item->train.seconds);
    }
  }
  return slowest;
}

Phrase workload_phrase(const Workload& workload) {
  const UnetResult& unet = *workload[0].item;
  return say("{0} pictures of {1} x {1} in batches of {2}", "{1} × {1} の画像 {0} 枚、バッチ {2}",
             unet.train.images, unet.size, unet.batch_size);
}

Phrase workload_title(const Workload& workload) {
  const Phrase whose = workload[0].source->recorded
                           ? Phrase{"Recorded on another machine: ", "別のマシンの記録："}
                           : Phrase{};
  return whose + workload_phrase(workload);
}

Phrase duration(double seconds) {
  const std::string text = pretty_seconds(seconds);
  Phrase phrase{text, {}};
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    phrase.ja += begin == 0 ? "" : " ";
    phrase.ja += word == "h" ? "時間" : word == "min" ? "分" : word == "s" ? "秒" : word;
    begin = end + 1;
  }
  return phrase;
}

Phrase times_phrase(double ratio) { return say("{}x", "{} 倍", pretty_number(ratio)); }

Phrase device_and_type(const std::string& device, const std::string& type) {
  return Phrase::same(fmt::format("{} {}", device_phrase(device).en, type));
}

Phrase noted(const Sources& sources, const Source& source, const Phrase& name) {
  return joined(name, source_note(sources, source));
}

std::vector<DevicePair<UnetResult>> unet_pairs(const Sources& sources) {
  return pairs(all_of(sources, &Result::unet), same_work, [](const DevicePair<UnetResult>& pair) {
    const bool alike = pair.cpu.item->precision == pair.gpu.item->precision;
    return std::pair(!alike, pair.gpu.item->train.seconds);
  });
}

std::vector<DevicePair<MatmulResult>> matmul_pairs(const Sources& sources) {
  return pairs(
      all_of(sources, &Result::matmul),
      [](const MatmulResult& cpu, const MatmulResult& gpu) { return cpu.n == gpu.n; },
      [](const DevicePair<MatmulResult>& pair) {
        const bool alike = pair.cpu.item->dtype == pair.gpu.item->dtype;
        return std::tuple(!alike, pair.cpu.item->dtype != "f32", -pair.cpu.item->n);
      });
}

Interval speedup_of(const DevicePair<UnetResult>& pair, const std::string& what, const Samples& cpu,
                    const Samples& gpu) {
  Speedup wanted{.what = what, .baseline = "cpu", .device = pair.gpu.item->device, .ratio = {}};
  wanted.baseline_precision = pair.cpu.item->precision;
  wanted.device_precision = pair.gpu.item->precision;
  return told_or_computed(*pair.cpu.source, *pair.gpu.source, wanted, cpu, gpu);
}

Interval speedup_of(const DevicePair<MatmulResult>& pair) {
  const MatmulResult &cpu = *pair.cpu.item, &gpu = *pair.gpu.item;
  Speedup wanted{.what = "matmul", .baseline = "cpu", .device = gpu.device, .ratio = {}};
  wanted.baseline_precision = cpu.dtype;
  wanted.device_precision = gpu.dtype;
  return told_or_computed(*pair.cpu.source, *pair.gpu.source, wanted, cpu.seconds, gpu.seconds);
}

}  // namespace hikaku
