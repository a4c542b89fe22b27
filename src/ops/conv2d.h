// conv2d: two-dimensional cross-correlation with stride 1 and torch's padding='same'.
//   y[n,o,i,j] = bias[o] + sum over c,p,q of weight[o,c,p,q] * x[n,c,i+p-pad,j+q-pad]
// with pad = (kernel - 1) / 2 rows above and columns left, the rest of kernel - 1 below and right,
// zeros outside.
#pragma once

#include <cstdint>

#include "tensor/tensor.h"

namespace hikaku {

struct Conv2dParams {
  Shape input;                    ///< n, c_in, h, w
  std::int64_t out_channels = 1;  ///< c_out
  std::int64_t kernel = 3;        ///< rows and columns of a filter: 1, 2 or 3
  /// Divides every channel count of the network but the pictures'; the backend chooses by it one
  /// layout for the whole network. 0: of this op alone.
  std::int64_t channel_unit = 0;

  [[nodiscard]] std::int64_t pad_before() const { return (kernel - 1) / 2; }
  [[nodiscard]] std::int64_t weight_count() const {
    return out_channels * input.c * kernel * kernel;
  }
  [[nodiscard]] Shape output() const { return {input.n, out_channels, input.h, input.w}; }
  /// Of one pass by the definition; multiply and add count as two.
  [[nodiscard]] double flops() const {
    return 2.0 * static_cast<double>(input.n * input.pixels() * weight_count());
  }
  bool operator==(const Conv2dParams&) const = default;
};

/// Throws ExitCode::internal with the values if the parameters make no sense.
void validate(const Conv2dParams& params);

/// What a planned convolution will be asked for: work is planned and tuned for nothing else.
enum class ConvUse : std::uint8_t { inference, first_layer_training, training };

/// A convolution planned for one shape on one device. Weights: dense OIHW f32 [c_out, c_in, k, k].
class Conv2d {
 public:
  virtual ~Conv2d() = default;

  /// Says which weight all passes read, and which bias [c_out] forward does for inference (else
  /// null): after each change of them. They must stay where they are; a device brings them into the
  /// form that it likes best now or at each pass.
  virtual void load_weight(const float* weight, const float* bias) = 0;
  /// y = conv(x). Planned for inference: y = relu(conv(x) + bias), for evaluation folds batch
  /// norms.
  virtual void forward(const Tensor& x, const Tensor& y) = 0;
  /// dweight = gradient of weight, dx = gradient of x, unless it has no memory; overwrites both. dx
  /// may be the memory of x. Where it is not, a device may go on with later ops before dweight is
  /// complete: x and dy must stay as they are until the recording ends, or the device was waited
  /// for.
  virtual void backward(const Tensor& x, const Tensor& dy, float* dweight, const Tensor& dx) = 0;
};

}  // namespace hikaku
