// A few pictures of the validation list as the network sees them: to look at, not to count.
#pragma once

#include <vector>

#include "data/dataset.h"
#include "nn/model.h"
#include "report/result.h"

namespace hikaku {

/// At most `count` pictures, evenly spaced in the list, resized to size x size as in training, with
/// their true classes and those that the model answers. Plans an evaluation of its own.
[[nodiscard]] std::vector<PictureResult> sample_pictures(const Model& model, const Dataset& data,
                                                         int size, std::size_t count = 4);

/// For the result; none where they are VOC's.
[[nodiscard]] std::vector<ClassResult> class_results(const Classes& classes);

}  // namespace hikaku
