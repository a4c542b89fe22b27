#include "cuda/conv2d.h"

#include <algorithm>
#include <limits>

#include "base/memory.h"
#include "cuda/conv_check.h"
#include "cuda/events.h"
#include "cuda/sizes.h"

namespace hikaku::cuda {
namespace {

constexpr std::int64_t vector_bytes = 16;

}  // namespace

CudaConv2d::CudaConv2d(const Conv2dParams& params, ConvUse use, Context& context)
    : params_(params),
      use_(use),
      context_(context),
      x_(make_side(params.input)),
      y_(make_side(params.output())) {
  validate(params);
  shape_ = {params.out_channels, params.input.c, params.kernel * params.kernel, y_.padded.shape.c,
            x_.padded.shape.c};
  weight_ = Memory(weight_bytes(context.activation_type()));
  HIKAKU_CUDA(cudaEventCreateWithFlags(&weight_ready_, cudaEventDisableTiming));
  plan_forward();
  if (use == ConvUse::inference) return;
  plan_backward_weight();
  if (use == ConvUse::training) {
    backward_data_ = plan(problem(ConvPass::backward_data, context.activation_type()));
    context.reserve_scratch(backward_data_->workspace_bytes());
  }
}

CudaConv2d::Side CudaConv2d::make_side(const Shape& shape) const {
  Side side;
  side.planned = context_.activation(shape, params_.channel_unit);
  side.padded = side.planned;
  side.padded.dtype = context_.activation_type();
  side.padded.shape.c =
      round_up(shape.c, vector_bytes / static_cast<std::int64_t>(size_of(side.padded.dtype)));
  side.padded.layout = Layout::nhwc(side.padded.shape);
  const bool fits = side.padded.shape == shape && side.padded.layout == side.planned.layout &&
                    side.padded.dtype == side.planned.dtype;
  if (!fits) {
    side.copy = Memory(side.padded.bytes());
    side.padded.data = side.copy.get();
  }
  return side;
}

ConvProblem CudaConv2d::problem(ConvPass pass, DType weight) const {
  return {.pass = pass, .x = x_.padded, .y = y_.padded, .kernel = params_.kernel, .weight = weight};
}

std::unique_ptr<ConvPlan> CudaConv2d::plan(const ConvProblem& problem) {
  auto plan = plan_convolution(problem, context_);
  if (plan != nullptr) return plan;
  throw Error(ExitCode::usage,
              fmt::format("{}: cuDNN {} has no engine for it in {} on this GPU", to_string(problem),
                          dnn_version(), name_of(context_.precision)),
              "use another --precision or --batch-size, or --device cpu");
}

/// Evaluation has bias and ReLU behind each convolution: in one pass, if cuDNN has an engine for
/// that. Those that are compiled already want the bias in the type of y.
void CudaConv2d::plan_forward() {
  const DType type = context_.activation_type();
  if (use_ == ConvUse::inference && !y_.copied()) {
    ConvProblem fused = problem(ConvPass::forward, type);
    fused.bias_relu = true;
    fused.bias = type;
    forward_ = plan_convolution(fused, context_);
    fused_ = forward_ != nullptr;
    if (type != DType::f32)
      bias_ = Memory(static_cast<std::size_t>(y_.padded.shape.c) * size_of(type));
  }
  if (forward_ == nullptr) forward_ = plan(problem(ConvPass::forward, type));
  context_.reserve_scratch(forward_->workspace_bytes());
}

/// The gradient in f32 where an engine that is compiled already writes it so and as fast; else
/// rounded to 16 bits, as it comes from most engines.
void CudaConv2d::plan_backward_weight() {
  const DType narrow = context_.activation_type();
  ConvProblem wide = problem(ConvPass::backward_weight, DType::f32);
  wide.ahead_of_time = narrow != DType::f32;
  const std::string key = fmt::format("{}, {}: type", to_string(wide), name_of(context_.precision));
  const std::string shape = shape_of(wide) + ": type";  // another batch's choice serves
  std::string known = narrow == DType::f32 ? name_of(DType::f32) : context_.tuning.known(key);
  if (known.empty()) known = context_.planning.of_shape(shape);
  if (known != name_of(narrow) || narrow == DType::f32) {
    backward_weight_ = plan_convolution(wide, context_);
  }
  if (known.empty() || backward_weight_ == nullptr) {
    auto other = plan_convolution(problem(ConvPass::backward_weight, narrow), context_);
    // Equal within the noise of timing: the wider one.
    constexpr double worth_it = 1.05;
    if (other != nullptr && (backward_weight_ == nullptr ||
                             backward_weight_->seconds() > worth_it * other->seconds())) {
      backward_weight_ = std::move(other);
      dweight_type_ = narrow;
    }
    if (known.empty()) context_.tuning.keep(key, name_of(dweight_type_));
  }
  context_.planning.keep_of_shape(shape, name_of(dweight_type_));
  if (backward_weight_ == nullptr) {
    wide.ahead_of_time = false;
    backward_weight_ = plan(wide);
  }
  plan_own_weight_gradient();
  context_.aside_scratch.reserve(own_weight_gradient_ != nullptr
                                     ? own_weight_gradient_->workspace_bytes()
                                     : aligned(weight_bytes(dweight_type_)) +
                                           backward_weight_->workspace_bytes());
}

void CudaConv2d::plan_own_weight_gradient() {
  const bool whole = x_.padded.shape == params_.input && y_.padded.shape == params_.output();
  const auto kernel = static_cast<int>(params_.kernel);
  if (context_.precision != Precision::tf32 || !whole ||
      !WeightGradient::supported(x_.padded, y_.padded, kernel, 1)) {
    return;
  }
  auto own = std::make_unique<WeightGradient>(x_.padded, y_.padded, kernel, 1);
  const ConvProblem asked = problem(ConvPass::backward_weight, DType::f32);
  const std::string key = to_string(asked) + ", tf32: kernel", shape = shape_of(asked) + ": kernel";
  std::string known = context_.tuning.known(key);
  if (known.empty()) known = context_.planning.of_shape(shape);
  if (known.empty()) {
    // 0: chosen before, or there was no memory to try it; ours is then taken, and not kept.
    const double other = backward_weight_->seconds();
    known = other == 0 || seconds_of(*own) < other ? "own" : "cuDNN";
    if (other > 0) context_.tuning.keep(key, known);
  }
  context_.planning.keep_of_shape(shape, known);
  if (known == "own") own_weight_gradient_ = std::move(own);
}

/// Infinity where there is no memory to try it.
double CudaConv2d::seconds_of(const WeightGradient& gradient) const try {
  constexpr int runs = 3;
  const Memory x(x_.padded.bytes(), false), dy(y_.padded.bytes(), false);
  const Memory dweight(weight_bytes(DType::f32), false),
      workspace(gradient.workspace_bytes(), false);
  for (const Memory* memory : {&x, &dy}) {
    fill_noise(memory->get(), DType::f32,
               static_cast<std::int64_t>(memory->bytes() / sizeof(float)), context_.aside);
  }
  const Memory largest(sizeof(std::uint32_t));  // zero: no scale
  const auto* none = static_cast<const std::uint32_t*>(largest.get());
  const auto run = [&] {
    gradient.run(x.get(), dy.get(), {none, none}, static_cast<float*>(dweight.get()),
                 workspace.get(), nullptr, context_.aside);
  };
  run();
  Events events;
  return events.seconds_of(context_.aside, runs, run);
} catch (const OutOfMemory&) {
  return std::numeric_limits<double>::infinity();
}

std::size_t CudaConv2d::weight_bytes(DType type) const {
  return static_cast<std::size_t>(shape_.padded_out * shape_.taps * shape_.padded_in) *
         size_of(type);
}

void CudaConv2d::require_shapes(const char* pass, const Tensor& x, const Tensor& y) const {
  const auto same = [](const Tensor& planned, const Tensor& found) {
    return planned.shape == found.shape && planned.layout == found.layout &&
           planned.dtype == found.dtype;
  };
  require(same(x_.planned, x) && same(y_.planned, y),
          "[conv2d {}] planned for {} -> {}, called with {} -> {} or with another layout or type",
          pass, to_string(params_.input), to_string(params_.output()), to_string(x.shape),
          to_string(y.shape));
}

void* CudaConv2d::input(const Side& side, const Tensor& tensor) {
  if (!side.copied()) return tensor.data;
  copy_channels(tensor, side.padded, nullptr, false, context_.stream);
  return side.padded.data;
}

void* CudaConv2d::output(const Side& side, const Tensor& tensor) {
  return side.copied() ? side.padded.data : tensor.data;
}

/// The weights of a whole network are loaded when a step begins, and are on their way while the
/// first layers run.
void CudaConv2d::load_weight(const float* weight, const float* bias) {
  require((bias != nullptr) == (use_ == ConvUse::inference),
          "[conv2d] inference adds a bias, and nothing else does");
  const DType type = context_.activation_type();
  if (bias == nullptr) {
    context_.fork();
    weight_to_krsc(weight, weight_.get(), type, shape_, context_.aside);
    HIKAKU_CUDA(cudaEventRecord(weight_ready_, context_.aside));
    weight_comes_ = true;
    return;
  }
  weight_to_krsc(weight, weight_.get(), type, shape_, context_.stream);
  loaded_bias_ = bias;
  if (bias_.get() == nullptr) return;
  const Shape row{1, shape_.c_out, 1, 1};
  const Tensor from{const_cast<float*>(bias), DType::f32, row, Layout::nhwc(row)};
  copy_channels(from, {bias_.get(), type, row, Layout::nhwc(row)}, nullptr, false, context_.stream);
}

void CudaConv2d::forward(const Tensor& x, const Tensor& y) {
  require_shapes("forward", x, y);
  if (weight_comes_) HIKAKU_CUDA(cudaStreamWaitEvent(context_.stream, weight_ready_));
  weight_comes_ = false;
  const void* bias = bias_.get() != nullptr ? bias_.get() : loaded_bias_;
  forward_->run({input(x_, x), weight_.get(), output(y_, y), fused_ ? bias : nullptr},
                context_.scratch());
  const bool rest = loaded_bias_ != nullptr && !fused_;
  if (y_.copied() || rest) {
    copy_channels(y_.copied() ? y_.padded : y, y, rest ? loaded_bias_ : nullptr, rest,
                  context_.stream);
  }
}

void CudaConv2d::backward(const Tensor& x, const Tensor& dy, float* dweight, const Tensor& dx) {
  require_shapes("backward", x, dy);
  require(backward_weight_ != nullptr, "[conv2d] not planned for gradients");
  void *x_in = input(x_, x), *dy_in = input(y_, dy);
  context_.fork();
  if (own_weight_gradient_ != nullptr) {
    own_weight_gradient_->run(x, dy, dweight, context_.aside_scratch.get(), context_.loss_scale,
                              context_.aside);
  } else {
    backward_weight(x_in, dy_in, dweight);
  }
  if (dx.data == nullptr) return;
  require_shapes("backward", dx, dy);
  require(backward_data_ != nullptr, "[conv2d] not planned for the gradient of x");
  if (dx.data == x.data || x_.copied()) context_.join();
  backward_data_->run({output(x_, dx), weight_.get(), dy_in, nullptr}, context_.scratch());
  if (x_.copied()) copy_channels(x_.padded, dx, nullptr, false, context_.stream);
}

void CudaConv2d::backward_weight(void* x, void* dy, float* dweight) {
  // The scratch memory begins with the engine's weight gradient; its workspace lies behind.
  void* own = context_.aside_scratch.get();
  void* workspace = static_cast<std::byte*>(own) + aligned(weight_bytes(dweight_type_));
  backward_weight_->run({x, own, dy, nullptr}, workspace);
  weight_from_krsc(own, dweight_type_, dweight, shape_, context_.loss_scale, context_.aside);
}

}  // namespace hikaku::cuda
