// This program once more, as a process of its own: for what is fixed when a process starts.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hikaku {

/// What `hikaku words...` writes to stdout, with `variable` ("NAME=value", or empty) in its
/// environment; its stderr is dropped. Nothing where it could not be started or did not end with 0.
[[nodiscard]] std::optional<std::string> output_of_child(const std::vector<std::string>& words,
                                                         const std::string& variable = {});

}  // namespace hikaku
