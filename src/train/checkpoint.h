// Checkpoints: what a training is, in two safetensors files.
//   NAME.safetensors         weights and running statistics, f32, by the names and layouts of
//                            PyTorch's state_dict() of the same network (nn/unet.h)
//   NAME.state.safetensors   Adam's moments ("first.<name>", "second.<name>"), the losses of the
//                            batches of an epoch that is not complete, what the device keeps
// Both hold in their metadata what they were made by and with, and a checksum for each tensor
// (base/checksums.h). At any moment, a kill or a full disk included, the folder holds a pair that
// fits together: both files are complete on the disk before the first one takes its place, and a
// state that was not renamed any more is found as NAME.state.safetensors.tmp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "train/weights_file.h"

namespace hikaku {

/// A whole checkpoint.
struct Checkpoint {
  StoredWeights weights;
  WeightMap moments;
  RunProgress progress;
  std::vector<float> device_state;
  Provenance provenance;
};

/// "RUN/last.safetensors": "RUN/last.state.safetensors".
[[nodiscard]] std::filesystem::path state_file(const std::filesystem::path& weights_file);

/// Throws ExitCode::diverged, and writes nothing, where a weight or a moment is not finite;
/// ExitCode::bad_data where the files cannot be written: the pair from before is still there.
void save_checkpoint(const std::filesystem::path& weights_file, Model& model,
                     const RunProgress& progress, const Provenance& provenance);
/// All checks of it, in this order: safetensors' own, the checksums, the network. Throws
/// ExitCode::bad_checkpoint naming the file; ExitCode::bad_data where it cannot be read. Also puts
/// a state that was not renamed any more into its place.
[[nodiscard]] Checkpoint load_checkpoint(const std::filesystem::path& weights_file);

/// Brings a checkpoint into a model of the same network.
void restore(const Checkpoint& checkpoint, Model& model);

/// The bytes that a pair takes, about.
[[nodiscard]] std::uintmax_t checkpoint_bytes(const UNet& net);

}  // namespace hikaku
