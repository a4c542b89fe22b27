// The trained network as an ONNX model (onnx.ai/onnx/repo-docs/IR.html), for other programs to run.
#pragma once

#include <string>

#include "train/weights_file.h"

namespace hikaku {

/// The bytes of a model of opset 13: "images" [batch, 3, height, width], normalised as in training,
/// to "logits" [batch, classes, height, width]. Height and width must be multiples of the network's
/// 2^(levels - 1).
[[nodiscard]] std::string onnx_model(const StoredWeights& weights);

}  // namespace hikaku
