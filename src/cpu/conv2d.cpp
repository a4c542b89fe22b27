#include "cpu/conv2d.h"

#include <algorithm>

#include "base/error.h"

namespace hikaku::cpu {
namespace {

/// Work of one timed run: enough to tell the algorithms apart, little enough to plan in seconds.
constexpr double tuning_flops = 8e9;

std::string key_of(const ConvDescription& d) {
  const Conv2dParams& p = d.params;
  return fmt::format("conv2d {} {} c{} o{} k{} block{}", name_of(d.pass), to_string(p.input),
                     p.input.c, p.out_channels, p.kernel, d.y.block);
}

std::size_t round_up(std::size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

/// The same convolution with as few images as make a run worth timing.
ConvDescription with_fewer_images(ConvDescription d) {
  const double images = tuning_flops * static_cast<double>(d.params.input.n) / d.params.flops();
  const std::int64_t n =
      std::clamp<std::int64_t>(static_cast<std::int64_t>(images), 1, d.params.input.n);
  d.params.input.n = n;
  return d;
}

std::unique_ptr<OneDnnConvolution> try_make(ConvDescription d, ConvAlgorithm algorithm) {
  d.algorithm = algorithm;
  try {
    return std::make_unique<OneDnnConvolution>(d);
  } catch (const dnnl::error&) {
    return nullptr;
  }
}

}  // namespace

CpuConv2d::CpuConv2d(const Conv2dParams& params, ConvUse use, Context& context)
    : params_(params),
      use_(use),
      context_(context),
      x_(context.layout_of(params.input, params.channel_unit)),
      y_(context.layout_of(params.output(), params.channel_unit)) {
  validate(params);
  forward_ = plan(ConvPass::forward);
  if (use == ConvUse::training) backward_data_ = plan(ConvPass::backward_data);
  if (use != ConvUse::inference) backward_weight_ = plan(ConvPass::backward_weight);
}

ConvDescription CpuConv2d::describe(ConvPass pass) const {
  return {.params = params_, .x = x_, .y = y_, .pass = pass,
          .training = use_ != ConvUse::inference};
}

ConvAlgorithm CpuConv2d::choose(ConvPass pass) {
  if (params_.kernel != 3) return ConvAlgorithm::direct;
  const ConvDescription full = describe(pass);
  if (try_make(full, ConvAlgorithm::winograd) == nullptr) return ConvAlgorithm::direct;
  const std::string key = key_of(full);
  if (context_.tuning.known(key).empty()) {
    const ConvDescription small = with_fewer_images(full);
    const Memory x(static_cast<std::size_t>(small.params.input.count()) * sizeof(float));
    const Memory y(static_cast<std::size_t>(small.params.output().count()) * sizeof(float));
    std::vector<Tuning::Candidate> candidates;
    for (const auto algorithm : {ConvAlgorithm::direct, ConvAlgorithm::winograd}) {
      std::shared_ptr<OneDnnConvolution> convolution = try_make(small, algorithm);
      if (convolution == nullptr) continue;
      reserve(*convolution);
      candidates.push_back({name_of(algorithm), [&, convolution] {
                              convolution->run(x.get(), context_.scratch(), nullptr, y.get(),
                                               scratch_behind(*convolution));
                            }});
    }
    context_.tuning.fastest(key, candidates);
  }
  return context_.tuning.known(key) == name_of(ConvAlgorithm::winograd) ? ConvAlgorithm::winograd
                                                                        : ConvAlgorithm::direct;
}

CpuConv2d::Pass CpuConv2d::plan(ConvPass pass) {
  ConvDescription description = describe(pass);
  description.algorithm = choose(pass);
  if (pass == ConvPass::forward) forward_algorithm_ = description.algorithm;
  Pass planned;
  planned.convolution = std::make_unique<OneDnnConvolution>(description);
  reserve(*planned.convolution);
  const auto plain = plain_weight_desc(params_);
  const auto& own = planned.convolution->weight_desc();
  planned.reorder = pass == ConvPass::backward_weight ? WeightReorder(own, plain)
                                                      : WeightReorder(plain, own);
  return planned;
}

// The scratch memory holds a primitive's own form of the weight, and its scratchpad behind that.
void CpuConv2d::reserve(const OneDnnConvolution& convolution) {
  context_.reserve_scratch(round_up(convolution.weight_bytes()) + convolution.scratch_bytes());
}

void* CpuConv2d::scratch_behind(const OneDnnConvolution& convolution) const {
  return static_cast<std::byte*>(context_.scratch()) + round_up(convolution.weight_bytes());
}

void CpuConv2d::load_weight(const float* weight) {
  weight_ = weight;
  if (use_ != ConvUse::inference) return;
  if (inference_weight_.get() == nullptr) {
    inference_weight_ = Memory(forward_.convolution->weight_bytes());
  }
  forward_.reorder.run(weight, inference_weight_.get());
}

void* CpuConv2d::own_weight(Pass& pass) {
  require(weight_ != nullptr, "[conv2d] no weight was loaded");
  if (use_ == ConvUse::inference) return inference_weight_.get();
  pass.reorder.run(weight_, context_.scratch());
  return context_.scratch();
}

OneDnnConvolution& CpuConv2d::forward_variant(bool bias, bool relu) {
  if (!bias && !relu) return *forward_.convolution;
  auto& variant = variants_.at((bias ? 1U : 0U) + (relu ? 2U : 0U));
  if (variant == nullptr) {
    ConvDescription description = describe(ConvPass::forward);
    description.algorithm = forward_algorithm_;
    description.bias = bias;
    description.relu = relu;
    variant = std::make_unique<OneDnnConvolution>(description);
    require(variant->weight_desc() == forward_.convolution->weight_desc(),
            "[conv2d] the weight's form depends on the bias");
    reserve(*variant);
  }
  return *variant;
}

void CpuConv2d::require_shapes(const char* pass, const Tensor& x, const Tensor& y) const {
  require(x.shape == params_.input && y.shape == params_.output() && x.layout == x_ &&
              y.layout == y_,
          "[conv2d {}] planned for {} -> {}, called with {} -> {} or with another layout", pass,
          to_string(params_.input), to_string(params_.output()), to_string(x.shape),
          to_string(y.shape));
}

void CpuConv2d::forward(const Tensor& x, const float* bias, bool relu, const Tensor& y) {
  require_shapes("forward", x, y);
  OneDnnConvolution& convolution = forward_variant(bias != nullptr, relu);
  void* weight = own_weight(forward_);
  convolution.run(x.data, weight, bias, y.data, scratch_behind(convolution));
}

void CpuConv2d::backward_data(const Tensor& dy, const Tensor& dx) {
  require_shapes("backward_data", dx, dy);
  OneDnnConvolution& convolution = *backward_data_.convolution;
  void* weight = own_weight(backward_data_);
  convolution.run(dx.data, weight, nullptr, dy.data, scratch_behind(convolution));
}

void CpuConv2d::backward_weight(const Tensor& x, const Tensor& dy, float* dweight) {
  require_shapes("backward_weight", x, dy);
  OneDnnConvolution& convolution = *backward_weight_.convolution;
  convolution.run(x.data, context_.scratch(), nullptr, dy.data, scratch_behind(convolution));
  backward_weight_.reorder.run(context_.scratch(), dweight);
}

}  // namespace hikaku::cpu
