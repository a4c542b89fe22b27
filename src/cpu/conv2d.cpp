#include "cpu/conv2d.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>

#include "base/error.h"

namespace hikaku::cpu {
namespace {

/// Work of one timed run: enough to tell the algorithms apart, little enough to plan in seconds.
/// The pixels are the least that Winograd's transform of the weight is spread over in a real batch.
constexpr double tuning_flops = 8e9;
constexpr std::int64_t tuning_pixels = 4096;

/// The same convolution with as few images as make a run worth timing.
Conv2dParams with_fewer_images(Conv2dParams params) {
  const double images = tuning_flops * static_cast<double>(params.input.n) / params.flops();
  const std::int64_t least = (tuning_pixels - 1) / params.input.pixels() + 1;
  const std::int64_t n = std::max(static_cast<std::int64_t>(images), least);
  params.input.n = std::min(n, params.input.n);
  return params;
}

std::size_t round_up(std::size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

std::size_t bytes_of(std::int64_t floats) {
  return static_cast<std::size_t>(floats) * sizeof(float);
}

constexpr std::int64_t winograd_points = 36;

std::span<const ConvPass> passes_of(ConvUse use) {
  static constexpr std::array<ConvPass, 3> all{ConvPass::forward, ConvPass::backward_weight,
                                               ConvPass::backward_data};
  const std::size_t count = use == ConvUse::inference ? 1 : (use == ConvUse::training ? 3 : 2);
  return std::span(all).first(count);
}

constexpr std::array all_algorithms{ConvAlgorithm::winograd, ConvAlgorithm::onednn_winograd,
                                    ConvAlgorithm::direct};

/// What HIKAKU_CONV2D asks for, or "". Throws ExitCode::usage if there is no such algorithm.
std::string wished_algorithm() {
  const char* wish = std::getenv("HIKAKU_CONV2D");
  if (wish == nullptr || wish[0] == '\0') return {};
  for (const ConvAlgorithm algorithm : all_algorithms) {
    if (std::string(wish) == name_of(algorithm)) return wish;
  }
  throw Error(
      ExitCode::usage,
      fmt::format("HIKAKU_CONV2D={}: no such algorithm; direct, onednn_winograd and winograd "
                  "are there",
                  wish),
      "unset HIKAKU_CONV2D: the fastest is chosen then");
}

/// Null where oneDNN has no such convolution.
std::shared_ptr<CpuConv2d> make_if_offered(const Conv2dParams& params, ConvUse use,
                                           Context& context, ConvAlgorithm algorithm) {
  try {
    return std::make_shared<CpuConv2d>(params, use, context, algorithm);
  } catch (const dnnl::error&) {
    return nullptr;
  }
}

}  // namespace

const char* name_of(ConvAlgorithm algorithm) {
  switch (algorithm) {
    case ConvAlgorithm::winograd:
      return "winograd";
    case ConvAlgorithm::onednn_winograd:
      return "onednn_winograd";
    case ConvAlgorithm::direct:
      break;
  }
  return "direct";
}

CpuConv2d::CpuConv2d(const Conv2dParams& params, ConvUse use, Context& context,
                     std::optional<ConvAlgorithm> algorithm)
    : params_(params),
      use_(use),
      context_(context),
      x_(context.layout_of(params.input, params.channel_unit)),
      y_(context.layout_of(params.output(), params.channel_unit)) {
  validate(params);
  require(algorithm != ConvAlgorithm::winograd || winograd_fits(),
          "[conv2d] Winograd's algorithm needs a 3x3 kernel and blocked layouts");
  for (const ConvPass pass : passes_of(use)) plan(pass, algorithm ? *algorithm : choose(pass));
  if (use == ConvUse::inference) plan_folded();
}

bool CpuConv2d::winograd_fits() const {
  const std::int64_t block = context_.kernels.block;
  return params_.kernel == 3 && x_.block == block && y_.block == block;
}

ConvAlgorithm CpuConv2d::choose(ConvPass pass) {
  if (!winograd_fits()) return ConvAlgorithm::direct;
  const std::string key = fmt::format("conv2d {} {} -> {} channels", name_of(pass),
                                      to_string(params_.input), params_.out_channels);
  const std::string wish = wished_algorithm();
  const std::string kept = wish.empty() ? context_.tuning.known(key) : wish;
  for (const ConvAlgorithm algorithm : all_algorithms) {
    if (kept == name_of(algorithm) && offers(pass, algorithm)) return algorithm;
  }
  const std::string fastest = time_algorithms(pass, key);
  return *std::find_if(all_algorithms.begin(), all_algorithms.end() - 1,
                       [&](ConvAlgorithm algorithm) { return fastest == name_of(algorithm); });
}

bool CpuConv2d::offers(ConvPass pass, ConvAlgorithm algorithm) const {
  if (algorithm == ConvAlgorithm::winograd) return true;
  try {
    const OneDnnConvolution offered{describe(pass, algorithm)};
    return true;
  } catch (const dnnl::error&) {
    return false;
  }
}

std::string CpuConv2d::time_algorithms(ConvPass pass, const std::string& key) {
  const Conv2dParams small = with_fewer_images(params_);
  const Memory x(bytes_of(small.input.count())), y(bytes_of(small.output().count()));
  const Memory weight(bytes_of(small.weight_count())), bias(bytes_of(small.out_channels));
  const Tensor x_view{x.get(), DType::f32, small.input,
                      context_.layout_of(small.input, small.channel_unit)};
  const Tensor y_view{y.get(), DType::f32, small.output(),
                      context_.layout_of(small.output(), small.channel_unit)};
  std::vector<Tuning::Candidate> candidates;
  for (const ConvAlgorithm algorithm : all_algorithms) {
    const auto conv = make_if_offered(small, use_, context_, algorithm);
    if (conv == nullptr) continue;
    conv->load_weight(weight.floats(), use_ == ConvUse::inference ? bias.floats() : nullptr);
    candidates.push_back({name_of(algorithm), [=, floats = weight.floats()] {
                            conv->run(pass, x_view, floats, y_view);
                          }});
  }
  return context_.tuning.fastest(key, candidates);
}

void CpuConv2d::run(ConvPass pass, const Tensor& x, float* weight, const Tensor& y) {
  switch (pass) {
    case ConvPass::forward:
      return forward(x, y);
    case ConvPass::backward_data:
      return backward_data(y, x);
    case ConvPass::backward_weight:
      return backward_weight(x, y, weight);
  }
}

CpuConv2d::Pass& CpuConv2d::pass_of(ConvPass pass) {
  return pass == ConvPass::forward         ? forward_
         : pass == ConvPass::backward_data ? backward_data_
                                           : backward_weight_;
}

ConvDescription CpuConv2d::describe(ConvPass pass, ConvAlgorithm algorithm) const {
  return {.params = params_,
          .x = x_,
          .y = y_,
          .pass = pass,
          .winograd = algorithm == ConvAlgorithm::onednn_winograd,
          .training = use_ != ConvUse::inference};
}

void CpuConv2d::plan(ConvPass pass, ConvAlgorithm algorithm) {
  Pass& planned = pass_of(pass);
  planned.algorithm = algorithm;
  if (algorithm != ConvAlgorithm::winograd) plan_primitive(planned, describe(pass, algorithm));
  reserve_scratch(planned);
}

void CpuConv2d::plan_primitive(Pass& planned, const ConvDescription& description) {
  planned.primitive = std::make_unique<OneDnnConvolution>(description);
  const auto plain = plain_weight_desc(params_);
  const auto& own = planned.primitive->weight_desc();
  planned.reorder = description.pass == ConvPass::backward_weight ? WeightReorder(own, plain)
                                                                  : WeightReorder(plain, own);
}

std::size_t CpuConv2d::weight_bytes(const Pass& pass) const {
  return pass.algorithm == ConvAlgorithm::winograd
             ? bytes_of(winograd_points * params_.input.c * params_.out_channels)
             : pass.primitive->weight_bytes();
}

void CpuConv2d::reserve_scratch(const Pass& pass) {
  const std::size_t own = pass.algorithm == ConvAlgorithm::winograd
                              ? bytes_of(context_.kernels.winograd_scratch(params_))
                              : pass.primitive->scratch_bytes();
  context_.reserve_scratch(round_up(weight_bytes(pass)) + own);
}

void* CpuConv2d::behind_weight(const Pass& pass) const {
  return static_cast<std::byte*>(context_.scratch()) + round_up(weight_bytes(pass));
}

void CpuConv2d::load_weight(const float* weight, const float* bias) {
  require(bias == nullptr || use_ == ConvUse::inference, "[conv2d] only inference adds a bias");
  weight_ = weight;
  bias_ = bias;
}

void CpuConv2d::transform_weight(Pass& pass, void* own) {
  if (pass.algorithm == ConvAlgorithm::winograd) {
    context_.kernels.winograd_weight(params_, weight_, &pass == &backward_data_,
                                     static_cast<float*>(own));
  } else {
    pass.reorder.run(weight_, own);
  }
}

void* CpuConv2d::own_weight(Pass& pass) {
  require(weight_ != nullptr, "[conv2d] no weight was loaded");
  transform_weight(pass, context_.scratch());
  return context_.scratch();
}

void CpuConv2d::plan_folded() {
  if (forward_.algorithm == ConvAlgorithm::winograd) return;
  ConvDescription description = describe(ConvPass::forward, forward_.algorithm);
  description.bias = description.relu = true;
  folded_.algorithm = forward_.algorithm;
  plan_primitive(folded_, description);
  reserve_scratch(folded_);
}

void CpuConv2d::require_shapes(const char* pass, const Tensor& x, const Tensor& y) const {
  require(
      x.shape == params_.input && y.shape == params_.output() && x.layout == x_ && y.layout == y_,
      "[conv2d {}] planned for {} -> {}, called with {} -> {} or with another layout", pass,
      to_string(params_.input), to_string(params_.output()), to_string(x.shape),
      to_string(y.shape));
}

void CpuConv2d::run_winograd(Pass& pass, const Tensor& x, const Tensor& y) {
  const auto* u = static_cast<const float*>(own_weight(pass));
  context_.kernels.winograd_forward(
      {x, y, u, bias_, bias_ != nullptr, static_cast<float*>(behind_weight(pass))});
}

void CpuConv2d::forward(const Tensor& x, const Tensor& y) {
  require_shapes("forward", x, y);
  if (forward_.algorithm == ConvAlgorithm::winograd) return run_winograd(forward_, x, y);
  Pass& pass = bias_ != nullptr ? folded_ : forward_;
  void* weight = own_weight(pass);
  pass.primitive->run(x.data, weight, bias_, y.data, behind_weight(pass));
}

/// In this order: dx may be the memory of x.
void CpuConv2d::backward(const Tensor& x, const Tensor& dy, float* dweight, const Tensor& dx) {
  backward_weight(x, dy, dweight);
  if (dx.data != nullptr) backward_data(dy, dx);
}

void CpuConv2d::backward_data(const Tensor& dy, const Tensor& dx) {
  require_shapes("backward_data", dx, dy);
  if (backward_data_.algorithm == ConvAlgorithm::winograd) {
    return run_winograd(backward_data_, dy, dx);
  }
  void* weight = own_weight(backward_data_);
  backward_data_.primitive->run(dx.data, weight, nullptr, dy.data, behind_weight(backward_data_));
}

void CpuConv2d::backward_weight(const Tensor& x, const Tensor& dy, float* dweight) {
  require_shapes("backward_weight", x, dy);
  void* own = context_.scratch();
  void* behind = behind_weight(backward_weight_);
  if (backward_weight_.algorithm == ConvAlgorithm::winograd) {
    context_.kernels.winograd_backward_weight(
        {x, dy, nullptr, nullptr, false, static_cast<float*>(behind)}, static_cast<float*>(own),
        dweight);
    return;
  }
  backward_weight_.primitive->run(x.data, own, nullptr, dy.data, behind);
  backward_weight_.reorder.run(own, dweight);
}

}  // namespace hikaku::cpu
