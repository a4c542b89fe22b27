// The file of a network's weights: what both kinds of checkpoint file have in common, and the one
// that PyTorch reads, too (train/checkpoint.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/checksums.h"
#include "data/classes.h"
#include "nn/model.h"

namespace hikaku {

using WeightMap = std::map<std::string, HostTensor>;

/// How far a training is.
struct RunProgress {
  std::int64_t epochs = 0;        ///< complete, their evaluation included
  std::vector<LossValue> losses;  ///< of the batches of the next one that are done
  std::int64_t steps = 0;         ///< of Adam, in all
  double best = -std::numeric_limits<double>::infinity();  ///< mean IoU of the best epoch
  std::int64_t best_epoch = 0;                             ///< counted from 1; 0: none yet
};

/// What a training was run with, for the metadata.
struct Provenance {
  std::string config;    ///< the resolved options, "key = value" lines
  Metadata environment;  ///< what bits depend on: device, precision, threads, library versions
  std::uint64_t seed = 0;
  Classes classes = {};  ///< of the data; written unless they are VOC's
};

/// The weights of a file that this program or PyTorch wrote.
struct StoredWeights {
  WeightMap tensors;
  UNetConfig network;  ///< read off the tensors' shapes
  Metadata metadata;   ///< empty for another program's file
};

/// Writes no more than the weights. Throws as save_checkpoint().
void save_weights(const std::filesystem::path& file, const WeightMap& weights,
                  const RunProgress& progress, const Provenance& provenance);
/// All checks of it: safetensors' own, the checksums if it has them, the network. Throws
/// ExitCode::bad_checkpoint naming the file; ExitCode::bad_data where it cannot be read.
[[nodiscard]] StoredWeights load_weights(const std::filesystem::path& file);
/// What the weights were trained on; without a word of it VOC's. Throws ExitCode::bad_checkpoint
/// for what is no list of the network's classes.
[[nodiscard]] Classes classes_of(const StoredWeights& weights, const std::filesystem::path& file);

// What checkpoint.cpp makes the second file of.

[[noreturn]] void refuse_checkpoint(const std::filesystem::path& file, const std::string& found,
                                    const std::string& fix);
/// Throws if a verified file of this program is of another format or holds something else.
void require_kind(const Safetensors& file, const std::filesystem::path& path, const char* kind);
/// As f32, without PyTorch's counters of batches.
[[nodiscard]] WeightMap tensors_of(const Safetensors& file);
/// Throws ExitCode::diverged if a value is not finite.
void require_finite(const WeightMap& tensors, const std::filesystem::path& file);
[[nodiscard]] Metadata metadata_of(const char* kind, const RunProgress& progress,
                                   const Provenance& provenance);
template <class T>
StoredTensor stored_tensor(StoredType type, std::vector<std::int64_t> shape,
                           const std::vector<T>& values) {
  return {type, std::move(shape), std::as_bytes(std::span(values))};
}
[[nodiscard]] std::vector<NamedTensor> named_tensors(const WeightMap& tensors);
/// Returns what ties a state to these weights.
std::string write_weights(AtomicFile& file, const WeightMap& weights, const RunProgress& progress,
                          const Provenance& provenance);

}  // namespace hikaku
