#include "cuda/split_conv2d.h"

#include <optional>

#include "cuda/split_conv.h"
#include "cuda/wgrad.h"

namespace hikaku::cuda {
namespace {

constexpr int three = 3;  ///< products: f32's digits

class SplitConv2d final : public Conv2d {
 public:
  SplitConv2d(const Conv2dParams& params, ConvUse use, Context& context)
      : params_(params),
        context_(context),
        x_(context.activation(params.input, params.channel_unit)),
        y_(context.activation(params.output(), params.channel_unit)),
        forward_(x_, y_, weight(false)),
        split_(forward_.split_bytes()),
        largest_(whiches * sizeof(std::uint32_t)) {
    HIKAKU_CUDA(cudaEventCreateWithFlags(&weight_ready_, cudaEventDisableTiming));
    if (use == ConvUse::inference) return;
    backward_weight_.emplace(x_, y_, kernel(), three);
    context.aside_scratch.reserve(backward_weight_->workspace_bytes());
    if (use == ConvUse::first_layer_training) return;
    backward_data_.emplace(y_, x_, weight(true));
    backward_split_ = Memory(backward_data_->split_bytes());
  }
  ~SplitConv2d() override { cudaEventDestroy(weight_ready_); }
  SplitConv2d(const SplitConv2d&) = delete;
  SplitConv2d& operator=(const SplitConv2d&) = delete;

  static bool supported(const Conv2dParams& params, ConvUse use, const Context& context) {
    const Tensor x = context.activation(params.input, params.channel_unit);
    const Tensor y = context.activation(params.output(), params.channel_unit);
    const SplitWeight weight{params.out_channels, params.input.c, static_cast<int>(params.kernel)};
    SplitWeight back = weight;
    back.backward = true;
    return SplitConvolution::supported(x, y, weight) &&
           (use == ConvUse::inference || (SplitConvolution::supported(y, x, back) &&
                                          WeightGradient::supported(x, y, weight.kernel, three)));
  }

  /// The weights of a whole network are loaded when a step begins, and are on their way while the
  /// first layers run.
  void load_weight(const float* weight, const float* bias) override {
    bias_ = bias;
    const bool beside = bias == nullptr;
    if (beside) context_.fork();
    cudaStream_t stream = beside ? context_.aside : context_.stream;
    scan_magnitude(weight, params_.weight_count(), largest(of_weight), stream);
    forward_.load_weight(weight, largest(of_weight), split_.get(), stream);
    if (backward_data_.has_value()) {
      backward_data_->load_weight(weight, largest(of_weight), backward_split_.get(), stream);
    }
    if (beside) HIKAKU_CUDA(cudaEventRecord(weight_ready_, stream));
    weight_comes_ = beside;
  }

  void forward(const Tensor& x, const Tensor& y) override {
    require_planned(x, y);
    if (weight_comes_) HIKAKU_CUDA(cudaStreamWaitEvent(context_.stream, weight_ready_));
    weight_comes_ = false;
    const std::uint32_t* of = magnitude_of(x, largest(of_x), context_.stream);
    forward_.run(x.data, {of, largest(of_weight)}, split_.get(), y.data, {.bias = bias_},
                 context_.stream);
  }

  void backward(const Tensor& x, const Tensor& dy, float* dweight, const Tensor& dx) override {
    require_planned(x, dy);
    require(backward_weight_.has_value(), "[conv2d] not planned for gradients");
    const std::uint32_t* dy_largest = magnitude_of(dy, largest(of_dy), context_.stream);
    context_.fork();
    const std::uint32_t* x_largest = magnitude_of(x, largest(of_x), context_.aside);
    backward_weight_->run(x.data, dy.data, {x_largest, dy_largest}, dweight,
                          context_.aside_scratch.get(), nullptr, context_.aside);
    if (dx.data == nullptr) return;
    require_planned(dx, dy);
    require(backward_data_.has_value(), "[conv2d] not planned for the gradient of x");
    if (dx.data == x.data) context_.join();
    backward_data_->run(dy.data, {dy_largest, largest(of_weight)}, backward_split_.get(), dx.data,
                        {}, context_.stream);
  }

 private:
  enum Which : int { of_x, of_dy, of_weight, whiches };

  [[nodiscard]] int kernel() const { return static_cast<int>(params_.kernel); }
  [[nodiscard]] SplitWeight weight(bool backward) const {
    return {params_.out_channels, params_.input.c, kernel(), backward};
  }
  [[nodiscard]] std::uint32_t* largest(Which which) const {
    return static_cast<std::uint32_t*>(largest_.get()) + which;
  }
  void require_planned(const Tensor& x, const Tensor& y) const {
    require(x.shape == x_.shape && x.layout == x_.layout && y.shape == y_.shape &&
                y.layout == y_.layout,
            "[conv2d] planned for {} -> {}, called with {} -> {} or with another layout",
            to_string(x_.shape), to_string(y_.shape), to_string(x.shape), to_string(y.shape));
  }

  Conv2dParams params_;
  Context& context_;
  Tensor x_, y_;  ///< what the op is called with, without memory
  SplitConvolution forward_;
  std::optional<SplitConvolution> backward_data_;
  std::optional<WeightGradient> backward_weight_;
  Memory split_, backward_split_;  ///< the weight as forward_ and backward_data_ read it
  Memory largest_;                 ///< magnitudes
  const float* bias_ = nullptr;
  cudaEvent_t weight_ready_ = nullptr;
  bool weight_comes_ = false;  ///< on its way, aside
};

}  // namespace

std::unique_ptr<Conv2d> make_split_conv2d(const Conv2dParams& params, ConvUse use,
                                          Context& context) {
  validate(params);
  if (!SplitConv2d::supported(params, use, context)) return nullptr;
  return std::make_unique<SplitConv2d>(params, use, context);
}

}  // namespace hikaku::cuda
