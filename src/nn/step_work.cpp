#include "nn/step_work.h"

namespace hikaku {
namespace {

constexpr double parameter_bytes = sizeof(float);

class Count {
 public:
  Count(const UNet& net, const BatchShape& batch, Precision precision)
      : net_(net),
        batch_(batch),
        element_(precision == Precision::bf16 || precision == Precision::f16 ? 2 : 4) {}

  StepWork run() {
    const std::size_t levels = net_.down.size();
    for (std::size_t level = 0; level < levels; ++level) {
      unit(net_.down[level].first, level, false, level == 0);
      unit(net_.down[level].second, level, level + 1 < levels, false);
    }
    for (std::size_t level = 0; level + 1 < levels; ++level) {
      up(net_.up[level], level);
      unit(net_.merge[level].first, level, false, false);
      unit(net_.merge[level].second, level, false, false);
    }
    head();
    // Adam reads a parameter, its gradient and two moments, and writes all but the gradient.
    work_.bytes += 7 * parameter_bytes * static_cast<double>(net_.trained_count);
    return work_;
  }

 private:
  [[nodiscard]] double pixels(std::size_t level) const {
    return static_cast<double>(batch_.images * (batch_.height >> level) * (batch_.width >> level));
  }
  [[nodiscard]] double weights(std::size_t tensor) const {
    return static_cast<double>(net_.tensors[tensor].count);
  }
  /// Forward once, backward `back` times.
  void conv(std::size_t weight, std::size_t level, int back) {
    work_.flops += 2 * weights(weight) * pixels(level) * (1 + back);
  }

  /// x -> conv -> z -> norm, ReLU -> y (-> pool).
  void unit(const ConvNormTensors& tensors, std::size_t level, bool pool, bool first) {
    const double weight = weights(tensors.conv.weight) * parameter_bytes;
    const double x =
        pixels(level) * static_cast<double>(tensors.c_in) * (first ? sizeof(float) : element_);
    const double z = pixels(level) * static_cast<double>(tensors.c_out) * element_;
    const double pooled = pool ? z / 4 : 0;
    conv(tensors.conv.weight, level, first ? 1 : 2);
    work_.bytes += x + weight + z;              // conv
    work_.bytes += z + z + pooled;              // norm: z, y
    work_.bytes += z + z + pooled + z;          // its gradient: z, dy, dz
    work_.bytes += x + z + weight;              // dweight of x and dz
    if (!first) work_.bytes += z + weight + x;  // dx of dz and the weight
  }

  /// Norm, upsampling, convolution and norm as one op.
  void up(const UpTensors& tensors, std::size_t level) {
    const double weight = weights(tensors.conv.weight) * parameter_bytes;
    const double x = pixels(level + 1) * static_cast<double>(tensors.c_in) * element_;
    const double y = pixels(level) * static_cast<double>(tensors.c_out) * element_;
    conv(tensors.conv.weight, level, 2);
    work_.bytes += x + weight + y;
    work_.bytes += x + y + weight + weight + x;  // x, dy, the weight; dweight, dx
  }

  /// The logits are never written: forward reads y, backward reads it and writes its gradient.
  void head() {
    const double y = pixels(0) * static_cast<double>(net_.config.width) * element_;
    conv(net_.head.weight, 0, 2);
    work_.bytes += 3 * y + 2 * pixels(0);  // and the labels, a byte each
  }

  const UNet& net_;
  const BatchShape& batch_;
  double element_;
  StepWork work_;
};

}  // namespace

StepWork step_work(const UNet& net, const BatchShape& batch, Precision precision) {
  return Count(net, batch, precision).run();
}

}  // namespace hikaku
