// The three kinds of block that the reference's U-Net is made of. Each is made for one shape, takes
// its parameters by name, and keeps in forward what its backward needs.
#pragma once

#include <algorithm>

#include "reference/conv2d.h"
#include "reference/unet.h"
#include "reference/up_block.h"

namespace hikaku::reference {

using Values = std::vector<double>;

enum class Mode { training, evaluation };

/// conv 3x3, batch norm, ReLU: "<conv>.weight", "<conv>.bias", "<norm>.weight", ...
class ConvNormRelu {
 public:
  ConvNormRelu(const Shape& input, std::int64_t out_channels, std::string conv, std::string norm);

  Values forward(Values x, Mode mode, Arrays& arrays);
  Values backward(In dy, Arrays& arrays, Arrays& gradients);
  /// Of the last training forward: see UNet::kink_distance.
  [[nodiscard]] double kink_distance(Arrays& arrays) const;

 private:
  Conv2dParams conv_;
  BatchNormParams norm_;
  std::string conv_name_, norm_name_;
  Values x_, z_, mean_, inverse_deviation_;
};

/// Twice ConvNormRelu: "<prefix>.0", ".1" and "<prefix>.3", ".4".
class DoubleConv {
 public:
  DoubleConv(const Shape& input, std::int64_t out_channels, const std::string& prefix);

  Values forward(Values x, Mode mode, Arrays& arrays);
  Values backward(In dy, Arrays& arrays, Arrays& gradients);
  [[nodiscard]] double kink_distance(Arrays& arrays) const {
    return std::min(first_.kink_distance(arrays), second_.kink_distance(arrays));
  }

 private:
  ConvNormRelu first_, second_;
};

/// up_block: "<prefix>.1" and ".3" are its batch norms, ".2" its convolution.
class Up {
 public:
  Up(const Shape& input, std::int64_t out_channels, std::string prefix);

  Values forward(In x, Mode mode, Arrays& arrays);
  Values backward(In dy, Arrays& arrays, Arrays& gradients);

 private:
  UpBlockArrays view(Arrays& arrays) const;

  UpBlockParams params_;
  std::string prefix_;
  UpBlockTrace trace_;
};

}  // namespace hikaku::reference
