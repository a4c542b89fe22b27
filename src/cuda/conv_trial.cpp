#include "cuda/conv_trial.h"

#include <limits>

#include "base/clock.h"
#include "base/memory.h"
#include "cuda/conv_check.h"
#include "cuda/conv_kernels.h"

namespace hikaku::cuda {
namespace {

/// More than it takes to load a kernel.
constexpr double most_first_seconds = 0.1;

std::size_t extent_bytes(const Tensor& t) {
  const std::int64_t last = t.layout.at(t.shape.n - 1, t.shape.c - 1, t.shape.h - 1, t.shape.w - 1);
  return static_cast<std::size_t>(last + 1) * size_of(t.dtype);
}

std::size_t weight_bytes(const ConvProblem& problem) {
  return static_cast<std::size_t>(problem.y.shape.c * problem.kernel * problem.kernel *
                                  problem.x.shape.c) *
         size_of(problem.weight);
}

}  // namespace

ConvTrial::ConvTrial(const ConvProblem& problem, cudaStream_t stream)
    : problem_(problem),
      stream_(stream),
      x_(problem.x.dtype, extent_bytes(problem.x)),
      y_(problem.y.dtype, extent_bytes(problem.y)),
      weight_(problem.weight, weight_bytes(problem)),
      bias_(static_cast<std::size_t>(problem.y.shape.c) * sizeof(float), false),
      wrong_(sizeof(int), false),
      memory_{x_.memory.get(), weight_.memory.get(), y_.memory.get(),
              problem.bias_relu ? bias_.get() : nullptr} {
  // Noise to compute with: a GPU is faster with zeros than with numbers.
  for (const Piece* piece : {&x_, &y_, &weight_}) {
    fill_noise(piece->memory.get(), piece->type, piece->count(), stream);
  }
}

double ConvTrial::seconds_of(EnginePlan& plan, double best) {
  const double begin = clock_seconds();
  if (!runs(plan)) return std::numeric_limits<double>::infinity();
  // The first run also loads the kernel.
  const double first = clock_seconds() - begin;
  if (first > most_first_seconds && first > 2 * best) return first;
  return events_.steady_seconds_of(stream_, best, [&] { plan.run(memory_, workspace_.get()); });
}

ConvTrial::Verdict ConvTrial::judge(EnginePlan& plan) {
  if (!grow_workspace(plan.workspace_bytes()))
    return Verdict::right;  // it will be told when it runs
  std::uint32_t seed = 1;
  for (const Piece* piece : {&x_, &y_, &weight_}) {
    fill_integers(problem_, piece->memory.get(), piece->type, piece->count(), seed++, stream_);
    set_guard(piece->memory, piece->bytes, stream_);
  }
  fill_bias(bias_.get(), problem_.bias, problem_.y.shape.c, stream_);
  for (const Memory* memory : {&output(), static_cast<const Memory*>(&workspace_)}) {
    if (memory->bytes() == 0) continue;
    HIKAKU_CUDA(cudaMemsetAsync(memory->get(), poison, memory->bytes(), stream_));
  }
  if (!runs(plan) || wrote_outside(plan)) return Verdict::wrong;
  constexpr float nearly = 0.25f;
  const auto within = [&](float tolerance) {
    return wrong_elements(problem_, memory_, tolerance, static_cast<int*>(wrong_.get()), stream_) ==
           0;
  };
  if (within(is_winograd(plan.config()) ? nearly : 0.0f)) return Verdict::right;
  return within(nearly) ? Verdict::inexact : Verdict::wrong;
}

bool ConvTrial::wrote_outside(const EnginePlan& plan) const {
  const auto spoilt = [this](const Memory& memory, std::size_t used) {
    return !guard_is_intact(memory, used, stream_);
  };
  return spoilt(x_.memory, x_.bytes) || spoilt(y_.memory, y_.bytes) ||
         spoilt(weight_.memory, weight_.bytes) || spoilt(workspace_, plan.workspace_bytes());
}

const Memory& ConvTrial::output() const {
  switch (problem_.pass) {
    case ConvPass::forward:
      return y_.memory;
    case ConvPass::backward_data:
      return x_.memory;
    default:
      return weight_.memory;
  }
}

bool ConvTrial::runs(EnginePlan& plan) {
  if (!grow_workspace(plan.workspace_bytes())) return false;
  const bool started = plan.try_to_run(memory_, workspace_.get()) == CUDNN_STATUS_SUCCESS;
  const bool done = cudaStreamSynchronize(stream_) == cudaSuccess;
  cudaGetLastError();
  return started && done;
}

bool ConvTrial::grow_workspace(std::size_t bytes) {
  if (bytes + guard_bytes <= workspace_.bytes()) return true;
  try {
    workspace_ = Memory();
    workspace_ = Memory(bytes + guard_bytes, false);
    return true;
  } catch (const OutOfMemory&) {
    return false;
  }
}

std::unique_ptr<ConvTrial> make_trial(const ConvProblem& problem, const Context& context) {
  try {
    return std::make_unique<ConvTrial>(
        problem, problem.pass == ConvPass::backward_weight ? context.aside : context.stream);
  } catch (const OutOfMemory&) {
    return nullptr;
  }
}

}  // namespace hikaku::cuda
