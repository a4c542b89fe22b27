// Generated scenes in the layout of VOC: what to train on where VOC is not at hand.
#pragma once

#include <cstdint>
#include <filesystem>

#include "data/picture.h"

namespace hikaku {

struct Scene {
  Picture picture;
  Mask mask;
};

/// Scene `number` of `seed`: one to four objects of twelve VOC classes on a textured background,
/// about 500 x 375, void 2 to 3 pixels wide round each object. Colour, texture and outline depend
/// on the class; place, size and rotation are random. Integer arithmetic only: the same everywhere.
[[nodiscard]] Scene generate_scene(std::uint64_t seed, std::uint32_t number);

struct SynthOptions {
  std::uint32_t train = 300, val = 100;  ///< scenes
  std::uint64_t seed = 1;
  int threads = 2;
};

/// Writes the data set that `open_dataset` reads: scene_000001 and on. The lists are written last,
/// so that what an interrupted run leaves is not a data set. An Error if `folder` holds anything
/// that an earlier call did not write.
void write_synth(const std::filesystem::path& folder, const SynthOptions& options);

}  // namespace hikaku
