// Safetensors files that know their own bytes: a CRC-32 for each tensor, and one over all that the
// header says, so that no flipped bit goes unseen. Readers that do not know of them are not
// disturbed: the sums are texts in the file's metadata.
//   "hikaku.crc32": {"<tensor>": "<8 hex digits>", ...}, as zlib.crc32 has it of the tensor's bytes
//   "hikaku.check": the CRC-32 of all names, types, shapes and sums of tensors and all other
//   metadata
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/safetensors.h"

namespace hikaku {

using Metadata = std::map<std::string, std::string>;

[[nodiscard]] std::string crc32_of(std::span<const std::byte> bytes);  ///< 8 hex digits

/// Adds the two texts to the metadata of a file with these tensors.
void add_checksums(const std::vector<NamedTensor>& tensors, Metadata& metadata);

/// True if the file has sums, and they are right; false for the file of another program, which has
/// none. Throws ExitCode::bad_checkpoint naming the first tensor whose bytes are not those that
/// were written.
bool verify_checksums(const Safetensors& file);

}  // namespace hikaku
