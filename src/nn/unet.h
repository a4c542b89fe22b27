// The U-Net as a description: its sizes and its tensors, by the names of the PyTorch reference's
// state_dict (down.0.0.weight, up.0.1.running_mean, merge.3.4.bias, head.weight).
// Ronneberger, Fischer & Brox, "U-Net" (2015), with batch norm and a bilinear decoder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hikaku {

struct UNetConfig {
  static constexpr std::int64_t narrowest = 4;

  std::int64_t in_channels = 3;
  std::int64_t classes = 22;
  /// Channels of the first level; each further level has twice as many. It must not divide the
  /// pictures' channels, by which a device tells pictures from activations: `narrowest` or more.
  std::int64_t width = 64;
  int levels = 5;

  [[nodiscard]] std::int64_t channels(int level) const { return width << level; }
  /// Sides of a picture must be multiples of this.
  [[nodiscard]] std::int64_t side_unit() const { return std::int64_t{1} << (levels - 1); }
  bool operator==(const UNetConfig&) const = default;
};

/// Trained parameters and running statistics lie in two flat arrays; an offset counts floats.
struct TensorInfo {
  std::string name;
  std::vector<std::int64_t> shape;
  std::int64_t offset = 0;
  std::int64_t count = 0;
  bool trained = true;
  std::int64_t fan_in = 0;  ///< of a convolution's weight and bias; 0 for batch norms
};

/// Where the tensors of the building blocks are: indices into UNet::tensors.
struct NormTensors {
  std::size_t weight, bias, running_mean, running_var;
};
struct ConvTensors {
  std::size_t weight, bias;
};
struct ConvNormTensors {
  std::int64_t c_in, c_out;
  ConvTensors conv;
  NormTensors norm;
};
struct DoubleTensors {
  ConvNormTensors first, second;
};
struct UpTensors {
  std::int64_t c_in, c_out;
  NormTensors norm1;
  ConvTensors conv;
  NormTensors norm2;
};

class UNet {
 public:
  explicit UNet(const UNetConfig& config);

  UNetConfig config;
  std::vector<TensorInfo> tensors;
  std::vector<DoubleTensors> down;   ///< by level
  std::vector<UpTensors> up;         ///< by the level it arrives at
  std::vector<DoubleTensors> merge;  ///< by level
  ConvTensors head{};
  std::int64_t trained_count = 0;     ///< floats of all trained parameters
  std::int64_t statistics_count = 0;  ///< floats of all running statistics

  /// Of the forward pass of one picture, by the definition; multiply and add count as two.
  [[nodiscard]] double forward_flops(std::int64_t height, std::int64_t width) const;

 private:
  std::size_t add(const std::string& name, std::vector<std::int64_t> shape, bool trained,
                  std::int64_t fan_in);
  ConvTensors add_conv(const std::string& name, std::int64_t c_in, std::int64_t c_out,
                       std::int64_t kernel);
  NormTensors add_norm(const std::string& name, std::int64_t channels);
  DoubleTensors add_double(const std::string& name, std::int64_t c_in, std::int64_t c_out);
};

}  // namespace hikaku
