// The whole network in double, forward and backward, made of the layers beside this file:
//
//     down.i   max-pool but for i = 0, then twice: conv 3x3, batch norm, ReLU; width * 2^i channels
//     up.i     up_block from level depth - 1 - i to the one above it, halving the channels
//     merge.i  concatenation [skip, up], then twice: conv 3x3, batch norm, ReLU
//     head     conv 1x1 to the classes, softmax and loss
//
// Parameters have the names and shapes of the weight files. Ronneberger et al., "U-Net" (2015).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "reference/head_loss.h"

namespace hikaku::reference {

struct UNetConfig {
  std::int64_t in_channels = 3, classes = 22, width = 64;
  std::int64_t depth = 5;  ///< levels; each side of the input is a multiple of 2^(depth - 1)
};

/// Arrays by name: "down.0.0.weight" ... "head.bias".
using Arrays = std::map<std::string, std::vector<double>>;

struct ArraySpec {
  std::string name;
  std::vector<std::int64_t> shape;
  bool trained;  ///< false: a running statistic
};
/// All arrays of the network, in the order of a weight file.
[[nodiscard]] std::vector<ArraySpec> unet_arrays(const UNetConfig& config);

/// The network for one shape of input. Throws ExitCode::internal on a side that does not fit or an
/// array that is missing or of a wrong size.
class UNet {
 public:
  /// `arrays` must outlive the network; training updates the running statistics in it.
  UNet(const UNetConfig& config, const Shape& input, Arrays& arrays);
  ~UNet();

  /// Batch norm with the batch's statistics, as in training. [n, classes, h, w]
  std::vector<double> training_logits(In x);
  /// Batch norm with the running statistics. [n, classes, h, w]
  std::vector<double> logits(In x);

  /// How near a training forward pass comes to a place where gradients jump: the smallest absolute
  /// value before a ReLU, and the smallest lead of a pool's maximum that is above zero. Values
  /// there have a deviation of about one; what rounds by more than this may differ by whole
  /// percents.
  double kink_distance(In x);

  /// One forward and backward pass; overwrites gradients[name] for every trained array.
  /// Of `loss`, input and classes are the network's own.
  LossValue train(In x, Labels labels, HeadLossParams loss, Arrays& gradients);

 private:
  struct Blocks;
  std::unique_ptr<Blocks> blocks_;
};

}  // namespace hikaku::reference
