// What --class-weights means.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace hikaku {

/// `text` is "none" (empty: all 1), "balanced", or one number for each class, parted by commas.
/// Balanced: sqrt(mean / pixels) of each class that the training masks have, where mean is over
/// these classes, at most 10; 1 for the others. Void is not counted. Throws ExitCode::usage.
[[nodiscard]] std::vector<float> class_weights(const std::string& text, std::int64_t classes,
                                               const std::array<std::int64_t, 256>& label_pixels);

}  // namespace hikaku
