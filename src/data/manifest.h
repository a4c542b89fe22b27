// The SHA-256 of every file of a data set, in the format of the program sha256sum: what no decoder
// can see, a flipped bit that leaves a good picture, is seen here.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace hikaku {

/// From a file's name, relative to the data set's folder, to its sum in hexadecimal digits.
using Manifest = std::map<std::string, std::string>;

/// The lists, classes.txt if it is there, and the pictures and masks that they name. What cannot be
/// read is left out.
[[nodiscard]] Manifest make_manifest(const TrainVal& data, int threads);

/// A line a file: the sum, two blanks, the name. `cd DIR; sha256sum -c FILE` reads it, too.
[[nodiscard]] std::string to_text(const Manifest& manifest);

/// BadData with the line for what is no such line, for a name that leads out of the folder and for
/// one that is there twice.
[[nodiscard]] Manifest parse_manifest(std::string_view text, const std::string& file);

/// What is not as the manifest in `file` says: files that are changed or gone, and files of the
/// lists that it does not know. In the order of their names.
[[nodiscard]] std::vector<Finding> verify_manifest(const TrainVal& data, const Manifest& manifest,
                                                   const std::string& file, int threads);

/// Pictures that are the same to the last byte under two names, by the sums in `manifest`: they
/// count twice, or the network was shown what it is evaluated on.
[[nodiscard]] std::vector<Finding> same_pictures(const TrainVal& data, const Manifest& manifest);

}  // namespace hikaku
