// What the page is made of: results, which machines they come from, and which of their figures may
// be set against each other.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "report/phrase.h"
#include "report/result.h"

namespace hikaku {

/// One result and where it was read.
struct Source {
  std::string name;  ///< of the file, for the reader
  Result result;
  bool recorded = false;  ///< came with the program: another machine's
};

using Sources = std::vector<Source>;

/// Same processor, as many threads, as much memory.
[[nodiscard]] bool same_machine(const Machine& one, const Machine& other);

[[nodiscard]] bool is_gpu(const std::string& device);  ///< "cuda:0"

[[nodiscard]] Phrase device_phrase(const std::string& device);            ///< "GPU", "GPU 1"
[[nodiscard]] std::string_view device_colour(const std::string& device);  ///< of the palette
/// Colours of a chart's curves: a device's own for its first one, others for further precisions and
/// machines.
class CurveColours {
 public:
  std::string_view next(const std::string& device);

 private:
  bool cpu_ = false, gpu_ = false;
  std::size_t others_ = 0;
};
/// "AMD EPYC 9B45, 2 threads; NVIDIA H100"
[[nodiscard]] Phrase machine_phrase(const Machine& machine);

/// What distinguishes a row of this source from the others': "recorded: ...", the machine where
/// there are several, the file where there are several of one machine, else nothing.
[[nodiscard]] Phrase source_note(const Sources& sources, const Source& source);

/// A figure of one source.
template <class T>
struct Found {
  const Source* source;
  const T* item;
};

/// The same work on a CPU and on a GPU of one machine.
template <class T>
struct DevicePair {
  Found<T> cpu, gpu;
  [[nodiscard]] bool recorded() const { return cpu.source->recorded; }
};

/// Machines in the order of the sources, this one before recorded ones.
[[nodiscard]] std::size_t machine_rank(const Sources& sources, const Source& source);

/// By machine, and of one machine the CPU before the GPU.
template <class T>
[[nodiscard]] std::vector<Found<T>> all_of(const Sources& sources, std::vector<T> Result::*list) {
  std::vector<Found<T>> found;
  for (const Source& source : sources) {
    for (const T& item : source.result.*list) found.push_back({&source, &item});
  }
  const auto place = [&](const Found<T>& one) {
    return std::pair(machine_rank(sources, *one.source), is_gpu(one.item->device));
  };
  std::stable_sort(found.begin(), found.end(),
                   [&](const Found<T>& a, const Found<T>& b) { return place(a) < place(b); });
  return found;
}

/// Trainings that did the same amount of work: as many images of the same size in batches of the
/// same size; those of this machine and recorded ones apart.
using Workload = std::vector<Found<UnetResult>>;
[[nodiscard]] std::vector<Workload> workloads(const Sources& sources);
/// The longest epoch of this work, here or recorded: one scale for both.
[[nodiscard]] double slowest_epoch(const Sources& sources, const Workload& workload);
/// "300 pictures of 256 x 256 in batches of 16"
[[nodiscard]] Phrase workload_phrase(const Workload& workload);
/// The same, and whether it is of another machine.
[[nodiscard]] Phrase workload_title(const Workload& workload);

/// "12.9 s", "12.9 秒"
[[nodiscard]] Phrase duration(double seconds);
/// "72.6x", "72.6 倍"
[[nodiscard]] Phrase times_phrase(double ratio);
/// "CPU f32"
[[nodiscard]] Phrase device_and_type(const std::string& device, const std::string& type);
/// The same, with the note of its source after it.
[[nodiscard]] Phrase noted(const Sources& sources, const Source& source, const Phrase& name);

/// Of the pairs that do the same work, those of this machine before recorded ones, and of these the
/// same precision on both before the GPU's best.
[[nodiscard]] std::vector<DevicePair<UnetResult>> unet_pairs(const Sources& sources);
[[nodiscard]] std::vector<DevicePair<MatmulResult>> matmul_pairs(const Sources& sources);

/// How much faster the GPU was at `what` ("train_step"): as the result says (Result::speedups), or
/// where CPU and GPU stand in two results, from these samples of both.
[[nodiscard]] Interval speedup_of(const DevicePair<UnetResult>& pair, const std::string& what,
                                  const Samples& cpu, const Samples& gpu);
[[nodiscard]] Interval speedup_of(const DevicePair<MatmulResult>& pair);

}  // namespace hikaku
