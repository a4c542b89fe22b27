#include "cuda/up_products.h"

#include <algorithm>
#include <optional>

#include "cuda/gemm.h"
#include "cuda/split_conv.h"
#include "cuda/up_block_kernels.h"
#include "cuda/wgrad.h"

namespace hikaku::cuda {
namespace {

class GemmProducts final : public UpProducts {
 public:
  GemmProducts(const UpBlockParams& params, ConvUse use, Context& context) {
    const std::int64_t pixels = params.input.n * params.input.pixels();
    const std::int64_t c_in = params.input.c, maps = up_taps * params.out_channels;
    const DType type = context.activation_type();
    const auto plan = [&](std::optional<Gemm>& gemm, GemmProblem problem) {
      problem.input = type;
      problem.tf32 = context.precision == Precision::tf32;
      gemm.emplace(problem, context);
      scratch_bytes_ = std::max(scratch_bytes_, gemm->workspace_bytes());
    };
    plan(forward_, {.m = pixels, .n = maps, .k = c_in, .transpose_b = true, .output = type});
    if (use == ConvUse::inference) return;
    plan(backward_data_, {.m = pixels, .n = c_in, .k = maps, .adds = true, .output = type});
    plan(backward_weight_, {.m = maps, .n = c_in, .k = pixels, .transpose_a = true});
  }

  void load(const void* folded) override { folded_ = folded; }
  void forward(const Tensor& x, void* maps, void* scratch) override {
    forward_->run({x.data, folded_, nullptr, maps}, scratch);
  }
  void backward_weight(const Tensor& x, const void* dmaps, float* product, void* scratch) override {
    backward_weight_->run({dmaps, x.data, nullptr, product}, scratch);
  }
  void backward_data(const void* dmaps, const void* part, void* dx, void* scratch) override {
    backward_data_->run({dmaps, folded_, part, dx}, scratch);
  }
  [[nodiscard]] std::size_t scratch_bytes() const override { return scratch_bytes_; }

 private:
  std::optional<Gemm> forward_, backward_data_, backward_weight_;
  std::size_t scratch_bytes_ = 0;
  const void* folded_ = nullptr;
};

/// As 1x1 convolutions.
class SplitProducts final : public UpProducts {
 public:
  SplitProducts(const Tensor& x, const Tensor& maps, ConvUse use, Context& context)
      : context_(context),
        x_(x),
        maps_(maps),
        forward_(x, maps, weight(x, maps, false)),
        split_(forward_.split_bytes()),
        largest_(whiches * sizeof(std::uint32_t)) {
    if (use == ConvUse::inference) return;
    backward_data_.emplace(maps, x, weight(x, maps, true));
    backward_split_ = Memory(backward_data_->split_bytes());
    backward_weight_.emplace(x, maps, 1, 3);
  }

  static bool supported(const Tensor& x, const Tensor& maps, ConvUse use) {
    return SplitConvolution::supported(x, maps, weight(x, maps, false)) &&
           (use == ConvUse::inference ||
            (SplitConvolution::supported(maps, x, weight(x, maps, true)) &&
             WeightGradient::supported(x, maps, 1, 3)));
  }

  void load(const void* folded) override {
    const auto* weight = static_cast<const float*>(folded);
    scan_magnitude(weight, maps_.shape.c * x_.shape.c, largest(of_weight), context_.stream);
    forward_.load_weight(weight, largest(of_weight), split_.get(), context_.stream);
    if (!backward_data_.has_value()) return;
    backward_data_->load_weight(weight, largest(of_weight), backward_split_.get(), context_.stream);
  }
  void forward(const Tensor& x, void* maps, void*) override {
    forward_.run(x.data, {largest_of(x), largest(of_weight)}, split_.get(), maps, {},
                 context_.stream);
  }
  void backward_weight(const Tensor& x, const void* dmaps, float* product, void* scratch) override {
    Tensor tensor = maps_;
    tensor.data = const_cast<void*>(dmaps);
    scan_magnitude(tensor, largest(of_maps), context_.stream);
    backward_weight_->run(x.data, dmaps, {largest_of(x), largest(of_maps)}, product, scratch,
                          nullptr, context_.stream);
  }
  /// After backward_weight().
  void backward_data(const void* dmaps, const void* part, void* dx, void*) override {
    backward_data_->run(dmaps, {largest(of_maps), largest(of_weight)}, backward_split_.get(), dx,
                        {.addend = static_cast<const float*>(part)}, context_.stream);
  }
  [[nodiscard]] std::size_t scratch_bytes() const override {
    return backward_weight_.has_value() ? backward_weight_->workspace_bytes() : 0;
  }

 private:
  static SplitWeight weight(const Tensor& x, const Tensor& maps, bool backward) {
    return {maps.shape.c, x.shape.c, 1, backward};
  }
  const std::uint32_t* largest_of(const Tensor& x) const {
    return magnitude_of(x, largest(of_x), context_.stream);
  }
  [[nodiscard]] std::uint32_t* largest(int which) const {
    return static_cast<std::uint32_t*>(largest_.get()) + which;
  }

  enum Which : int { of_x, of_maps, of_weight, whiches };

  Context& context_;
  Tensor x_, maps_;
  SplitConvolution forward_;
  std::optional<SplitConvolution> backward_data_;
  std::optional<WeightGradient> backward_weight_;
  Memory split_, backward_split_;
  Memory largest_;  ///< magnitudes
};

}  // namespace

std::unique_ptr<UpProducts> make_up_products(const UpBlockParams& params, ConvUse use,
                                             Context& context) {
  if (context.precision == Precision::f32x) {
    const Tensor x{nullptr, DType::f32, params.input, Layout::nhwc(params.input)};
    Shape shape = params.input;
    shape.c = up_taps * params.out_channels;
    const Tensor maps{nullptr, DType::f32, shape, Layout::nhwc(shape)};
    if (SplitProducts::supported(x, maps, use)) {
      return std::make_unique<SplitProducts>(x, maps, use, context);
    }
  }
  return std::make_unique<GemmProducts>(params, use, context);
}

}  // namespace hikaku::cuda
